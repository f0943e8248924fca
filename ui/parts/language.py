"""The reader's language: the browser's own, until the other one is chosen; the browser remembers which."""

from collections.abc import Callable
from typing import Any

import gradio as gr

SCRIPT = """<script>
(() => {
  let chosen;
  try { chosen = localStorage.getItem('language'); } catch { /* a browser may keep nothing */ }
  if (!chosen) return;
  Object.defineProperty(navigator, 'language', {get: () => chosen});
  Object.defineProperty(navigator, 'languages', {get: () => [chosen]});
  const ask = window.fetch;
  window.fetch = (what, options = {}) => {
    if (new URL(what.url || what, location.href).origin !== location.origin) return ask(what, options);
    const headers = new Headers(options.headers || what.headers);
    headers.set('accept-language', chosen);
    return ask(what, {...options, headers});
  };
})();
</script>"""
"""Runs before gradio, which asks the browser for its language; the server hears of it with each request."""

CSS = """
#language {align-self: flex-end; width: auto; min-width: 0; margin-bottom: -44px; z-index: 1; border: 0; background: none; box-shadow: none}
#language:hover {text-decoration: underline}
@media (max-width: 640px) {#language {margin-bottom: -12px}}
"""

SWITCH = """() => {
  try { localStorage.setItem('language', navigator.language.toLowerCase().startsWith('zh') ? 'en-US' : 'zh-CN'); } catch { return; }
  location.reload();
}"""


def build(text: Callable[[str], Any]) -> None:
    """A button that switches to the other language."""
    button = gr.Button(text("other_language"), size="sm", elem_id="language")
    button.click(None, None, None, js=SWITCH, api_visibility="private")

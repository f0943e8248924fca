"""A script that puts gradio's own words into the reader's language, and gives a name to what gradio leaves without one."""

import json

from ui.words.gradios import EXAMPLES, SAID

SCRIPT = """
(all => {
  const {said, examples} = all[navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'];
  const plain = new Map(), patterns = [];
  for (const [from, to] of Object.entries(said)) {
    if (!from.includes('{0}')) plain.set(from, to);
    else patterns.push([new RegExp('^' + from.replace(/[.*+?^$()|[\\]\\\\]/g, '\\\\$&').replace(/{\\d}/g, '(.+)') + '$'), to]);
  }
  const ATTRIBUTES = ['title', 'aria-label', 'alt', 'placeholder'];

  /* What the page says instead, or nothing. */
  function instead(text) {
    const bare = text.trim();
    if (!bare || plain.has(bare)) return plain.get(bare);
    for (const [pattern, to] of patterns) {
      const found = bare.match(pattern);
      if (found) return to.replace(/{(\\d)}/g, (_, index) => found[Number(index) + 1]);
    }
  }

  function mend(node) {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = instead(node.data);
      if (text !== undefined) node.data = text;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    for (const name of ATTRIBUTES) {
      const text = node.hasAttribute(name) ? instead(node.getAttribute(name)) : undefined;
      if (text !== undefined) node.setAttribute(name, text);
    }
    if (node.tagName === 'IMG' && node.parentElement?.closest('.gallery-item')) call(node);
    node.childNodes.forEach(mend);
  }

  /* The picture of an example has no text: its button gets a name. */
  function call(picture) {
    const button = picture.closest('.gallery-item'), file = decodeURIComponent(picture.src).split('/').pop().replace(/\\.\\w+$/, '');
    if (!file || button.title) return;
    button.title = examples[file] || file;
    button.setAttribute('aria-label', button.title);
  }

  new MutationObserver(changes => {
    for (const {type, target, addedNodes} of changes) type === 'childList' ? addedNodes.forEach(mend) : mend(target);
  }).observe(document, {subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: [...ATTRIBUTES, 'src']});
  mend(document.documentElement);
})"""

WORDS = {language: {"said": SAID[language], "examples": EXAMPLES[language]} for language in SAID}
HEAD = f"<script>{SCRIPT}({json.dumps(WORDS, ensure_ascii=False)})</script>"

"""An HTML file that needs no other file and no network: its pictures are inside, and it runs no script but its own."""

import base64
import hashlib
import html
import json
from typing import Any

PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'{allowed}">
<title>{title}</title>
<style>
:root {{color-scheme: light dark; --body-text-color: #1f2937; --body-background-fill: #fff; --border-color-primary: #d1d5db}}
@media (prefers-color-scheme: dark) {{:root {{--body-text-color: #f3f4f6; --body-background-fill: #0b0f19}}}}
body {{max-width: 1040px; margin: 24px auto; padding: 0 16px; font: 16px/1.5 system-ui, sans-serif}}
body {{color: var(--body-text-color); background: var(--body-background-fill)}}
h1 {{font-size: 1.4em; line-height: 1.3; overflow-wrap: anywhere}}
{css}</style>
<main>
<h1>{title}</h1>
{body}</main>
{scripts}</html>
"""
SCRIPTS = """<script type="application/json" id="value">{value}</script>
<script>{script}</script>
"""


def render_document(language: str, title: str, css: str, body: str, script: str = "", value: Any = None) -> str:
    """The file. `title` is plain text, `body` HTML. Its policy names the hash of `script`, which finds `value` as JSON in #value."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return PAGE.format(
        language="zh" if language.lower().startswith("zh") else "en",
        allowed=f"; script-src 'sha256-{digest}'" if script else "",
        title=html.escape(title),
        css=css,
        body=body,
        scripts=SCRIPTS.format(value=json.dumps(value).replace("<", "\\u003c"), script=script) if script else "",
    )


def embed(picture: bytes, kind: str) -> str:
    """The address of a picture that holds the picture itself; `kind`: "png" or "webp"."""
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"

"""What stands for the page elsewhere: title, sentence and picture where its link is shared, and the icon on a phone's home screen."""

import re
from pathlib import Path

from gradio import routes

TITLE = "Product-photo super-resolution"
SENTENCE = "Enlarge product photos, see what the model changed, and have it guaranteed that nothing was."
PICTURE = Path(__file__).with_name("preview.jpg")
PATH = "/preview.jpg"
ICON = Path(__file__).with_name("icon.png")
TEMPLATE = "frontend/index.html"
GRADIOS_OWN = re.compile(r'<meta\s+(?:property="og:|name="twitter:)[^>]*>')
CHARSET = '<meta charset="utf-8" />'
OURS = f"""
<meta name="description" content="{SENTENCE}" />
<meta property="og:type" content="website" />
<meta property="og:title" content="{TITLE}" />
<meta property="og:description" content="{SENTENCE}" />
<meta property="og:url" content="{{{{ request.base_url }}}}" />
<meta property="og:image" content="{{{{ request.base_url }}}}{PATH[1:]}" />
<meta property="og:image:width" content="1200" />
<meta property="og:image:height" content="630" />
<meta name="twitter:card" content="summary_large_image" />
"""


def describe_link(html: str) -> str:
    """Gradio's page with our title, sentence and picture in place of gradio's own, which a program shows that is given the link."""
    return GRADIOS_OWN.sub("", html).replace(CHARSET, CHARSET + OURS, 1)


def patch_gradio() -> None:
    """Gradio 6.31 has no place for them: its template is changed when it is loaded."""
    environment = routes.templates.env
    loader = environment.loader
    if loader is None or hasattr(loader, "described"):
        return
    get_source = loader.get_source

    def described(environment, template):
        source, *more = get_source(environment, template)
        return describe_link(source) if template == TEMPLATE else source, *more

    loader.get_source, loader.described = described, True  # pyright: ignore[reportAttributeAccessIssue]

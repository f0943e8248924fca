"""The head of the page: title, sentence and picture where its link is shared, the icon of a home screen, and what runs before gradio."""

import re
from pathlib import Path

from gradio import routes

from ui.parts import language

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
{language.SCRIPT}
"""


def patch_gradio() -> None:
    """`OURS` takes the place of what gradio tells a program that is given the link.

    Gradio 6.31 has no place for it (`head` is added when gradio runs already): its template is changed when it is loaded.
    """
    environment = routes.templates.env
    loader = environment.loader
    if loader is None or hasattr(loader, "described"):
        return
    get_source = loader.get_source

    def described(environment, template):
        source, *more = get_source(environment, template)
        return GRADIOS_OWN.sub("", source).replace(CHARSET, CHARSET + OURS, 1) if template == TEMPLATE else source, *more

    loader.get_source, loader.described = described, True  # pyright: ignore[reportAttributeAccessIssue]

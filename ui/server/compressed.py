"""The page's HTML travels compressed: gradio compresses its scripts, but not this, which is a quarter of a first visit."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send


class CompressedPage(GZipMiddleware):
    """Compresses the page itself, for who accepts that; everything else, files and events above all, goes as it is."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        chosen = super().__call__ if scope["type"] == "http" and scope["path"] == "/" else self.app
        await chosen(scope, receive, send)

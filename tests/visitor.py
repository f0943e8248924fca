"""A visitor's request, as far as the page looks at it."""

import gradio as gr


class Request(gr.Request):
    def __init__(self, language: str = "en", **query: str):
        super().__init__(session_hash="abc", headers={"accept-language": language}, query_params=query)

"""Every sentence of the page, in English and Chinese."""

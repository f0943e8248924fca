"""What marketplaces ask of a product's main picture: one table, each row with where its numbers come from and since when.

Places change their rules: a preset is a start, and the place's own page decides.
"""

from dataclasses import dataclass
from typing import Literal

from sr_models.errors import PhotoError

Strength = Literal["official", "seller help", "third-party", "weak"]
"""How far the source can be trusted: the place's own rule; its help pages in stored copies; others who quote it; or contradictory."""
Format = Literal["jpeg", "png", "webp"]


@dataclass(frozen=True)
class Preset:
    """The rules of one place. Where it states nothing, the default of a field forbids nothing."""

    id: str
    name: str
    side: int
    """Pixels: of the square picture that is made, what the place recommends."""
    smallest: int
    """Pixels: the shortest side that is accepted, or that can be zoomed where the place says so."""
    source: str
    date: str
    """Of the source, as precisely as known."""
    strength: Strength
    largest: int = 10_000
    """Pixels: the longest side that is accepted."""
    exact: bool = False
    """Whether no other side than `side` is accepted."""
    share: float = 0.88
    """The product's longer side over the picture's, as this program makes it, 0 to 1."""
    share_from: float = 0.0
    share_to: float = 1.0
    """From where to where the place wants that share to be."""
    product: int = 0
    """Pixels: both sides of the product's box must be longer."""
    white: bool = False
    """Whether the background must be pure white, 255 in each channel."""
    formats: tuple[Format, ...] = ("jpeg", "png")
    """Of those this program writes, the accepted ones; the first is to be written."""
    quality: int = 0
    """Of a JPEG, at least; 0 to 100."""
    max_kb: int | None = None
    """At most so many kilobytes of 1000 bytes."""
    min_kb: int = 0
    """The file must have more kilobytes, of 1024 bytes."""
    max_megapixels: float | None = None
    against_enlarging: str | None = None
    """What the person must know where the place's rules speak against enlarged pictures, as a sentence."""

    @property
    def format(self) -> Format:
        return self.formats[0]


PRESETS: tuple[Preset, ...] = (
    Preset(
        "amazon",
        "Amazon main image",
        side=2000,
        smallest=1000,
        share_from=0.85,
        white=True,
        max_kb=10_000,
        source="sellercentral.amazon.com/help/hub/reference/GNRP6DDJV79DUHRD and GKPLUEFR7TJ9EDAN; 10,000 px and 10 MB: mercatuslab.com, "
        "changethisfile.com",
        date="2026, stored copies",
        strength="seller help",
    ),
    Preset(
        "walmart",
        "Walmart main image",
        side=2200,
        smallest=1500,
        white=True,
        max_kb=5_000,
        source="marketplacelearn.walmart.com, Product detail page: Image guidelines & requirements; on enlarging: "
        "teapplix.com/help/?page_id=5761",
        date="July 2025",
        strength="official",
        against_enlarging="An older guide of Walmart says not to enlarge a photo of low resolution to reach its size. "
        "Use a larger photo if you have one.",
    ),
    Preset(
        "google",
        "Google Merchant Center",
        side=1500,
        smallest=500,
        share=0.85,
        share_from=0.75,
        share_to=0.9,
        formats=("jpeg", "webp", "png"),
        max_kb=16_000,
        max_megapixels=64,
        source="support.google.com/merchants/answer/6324350; 500 px from 31 January 2027 on, until then 100, apparel 250",
        date="April 2026",
        strength="official",
        against_enlarging="Google's product data rules say: don't scale up an image. Use a larger photo, or this one as it is.",
    ),
    Preset(
        "ebay",
        "eBay",
        side=1600,
        smallest=500,
        quality=90,
        max_kb=12_000,
        source="ebay.com/help/policies/listing-policies/picture-policy?id=4370, developer.ebay.com/support/kb-article?KBid=1489; "
        "1600 px and 12 MB: plomz.com",
        date="2026, stored copies",
        strength="official",
    ),
    Preset(
        "shopify",
        "Shopify",
        side=2048,
        smallest=800,
        largest=5000,
        formats=("jpeg", "png", "webp"),
        max_kb=20_000,
        max_megapixels=25,
        source="sellshot.ai/en/blog/shopify-product-image-size-guide, Photoroom's guide to Shopify image sizes",
        date="2026, stored copies",
        strength="third-party",
    ),
    Preset(
        "etsy",
        "Etsy",
        side=2000,
        smallest=2000,
        max_kb=10_000,
        source="hauld.app/blog/etsy-listing-photo-checklist; which side must have 2000 px is told differently; no official page found",
        date="2026, stored copy",
        strength="weak",
    ),
    Preset(
        "tiktok",
        "TikTok Shop",
        side=1200,
        smallest=600,
        largest=6000,
        white=True,
        max_kb=5_000,
        source="emberfeed.com/specs/tiktok-shop-image-requirements-2026, imagespeccheck.com/tools/tiktok-shop-image; one says 800 px",
        date="2026",
        strength="third-party",
    ),
    Preset(
        "taobao",
        "Taobao / Tmall white-background image (白底图)",
        side=800,
        smallest=800,
        largest=800,
        exact=True,
        product=300,
        white=True,
        formats=("jpeg",),
        min_kb=38,
        max_kb=300,
        source="djres.cn/article/20171109191734.htm",
        date="November 2017",
        strength="third-party",
    ),
    Preset(
        "jd",
        "JD main image (京东主图)",
        side=800,
        smallest=800,
        white=True,
        formats=("jpeg",),
        source="size presets in public code (拼多多/淘宝/京东 800x800); no official page found",
        date="2026, stored copies",
        strength="weak",
    ),
    Preset(
        "pinduoduo",
        "Pinduoduo carousel (拼多多轮播图)",
        side=800,
        smallest=480,
        white=True,
        max_kb=1_000,
        source="shuaishou.com/school/infos22546.html; white is not asked of clothing",
        date="2026, stored copy",
        strength="third-party",
    ),
)


def preset(id: str) -> Preset:
    """The preset of this id. Raises PhotoError, which lists what there is."""
    for row in PRESETS:
        if row.id == id:
            return row
    raise PhotoError("There is no preset “{id}”. Choose one of {ids}.", id=id, ids=", ".join(row.id for row in PRESETS))

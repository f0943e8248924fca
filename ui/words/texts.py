"""The labels of the page, in English and Chinese, and every other sentence in the language that the browser asks for."""

from collections.abc import Callable
from typing import Any

from sr_models import MAX_OUTPUT_PIXELS, MAX_PIXELS, UpscaleError
from sr_models.names import NAMES
from sr_models.reading import FORMATS_IN_WORDS
from sr_models.shop.presets import PRESETS
from ui.words.chinese import CHINESE

MEGAPIXELS, MEGAPIXELS_OUT = MAX_PIXELS // 1_000_000, MAX_OUTPUT_PIXELS // 1_000_000

WORDS: dict[str, tuple[str, str]] = {
    "intro": (
        "# Product-photo super-resolution\nMake a product photo 2, 3 or 4 times as large, and see what was changed.",
        "# 商品图超分辨率\n把商品图放大 2、3 或 4 倍，并看清改变了什么。",
    ),
    "other_language": ("中文", "English"),
    "tab_enlarge": ("Enlarge", "放大"),
    "tab_catalogue": ("Catalogue", "批量"),
    "catalogue_intro": (
        "Many photos at once: choose once, and get a ZIP with every result, a contact sheet, and a verdict for every file.",
        "一次处理多张照片：只选一次，得到一个 ZIP，内含全部结果、缩略图总览和每个文件的结论。",
    ),
    "catalogue_drop": ("Drop photos or a ZIP here, or click to choose", "把照片或 ZIP 拖到这里，或点击选择"),
    "catalogue_start": ("Enlarge all", "全部放大"),
    "catalogue_clear": ("Clear the list", "清空列表"),
    "catalogue_download": ("Download the ZIP", "下载 ZIP"),
    "tab_compare": ("Compare", "对比"),
    "compare_intro": (
        "Click on a point of a photo: every model shows the same crop of it at the same zoom, with its figures.",
        "点击照片上的一点：每个模型以相同的倍数显示同一局部，并附上指标。",
    ),
    "blind": ("Blind test", "盲测"),
    "blind_info": (
        "Which result would you rather see, and which is closer to the original, if nobody says which model made it? Take a\n"
        "sharp photo: parts of it are made small, and enlarged again by two models each.",
        "如果不说明由哪个模型生成，您更愿意看到哪一张，哪一张更接近原图？请选用清晰的照片：其局部先被缩小，再分别由两个模型放大。",
    ),
    "blind_begin": ("Begin the blind test", "开始盲测"),
    "blind_keep": ("Save it to send it on", "保存以便转发"),
    "link": ("Address of this view", "此画面的网址"),
    "save_comparison": ("Save this comparison", "保存此对比"),
    "tab_check": ("Check", "检验"),
    "check_intro": (
        "Have the sharp original? It is shrunk, every model enlarges it again, and figures say how close each one comes.",
        "有清晰的原图？先把它缩小，再由每个模型放大，用指标说明各自有多接近原图。",
    ),
    "original": ("Your sharp original", "清晰的原图"),
    "drop_original": ("Drop a sharp photo here, paste one, or click to choose", "把清晰的照片拖到这里、粘贴，或点击选择"),
    "shrinking": ("Shrunk by", "缩小方式"),
    "shrinking_info": (
        "Bicubic is what benchmarks use and networks learn from; box is the plain mean; JPEG is what the web does to photos; "
        "the camera is simulated, and held in the hand.",
        "双三次是评测和训练所用的方式；方块平均是简单平均；JPEG 是照片在网络上的遭遇；相机为模拟的手持相机。",
    ),
    "shrink_bicubic": ("bicubic", "双三次"),
    "shrink_box": ("box", "方块平均"),
    "shrink_jpeg": ("bicubic + JPEG", "双三次 + JPEG"),
    "shrink_camera": ("camera, 4 shots", "相机，连拍 4 张"),
    "quality": ("JPEG quality", "JPEG 质量"),
    "check": ("Check every model", "检验所有模型"),
    "download_csv": ("Download CSV", "下载 CSV"),
    "check_legend": (
        "**Marked**: the best of each column. Click on a column's head to sort.\n"
        "- **PSNR, SSIM**: likeness to the original in brightness, as benchmarks state it; higher is closer.\n"
        "- **LR-PSNR**: the result, reduced again, against the small photo; higher agrees better.\n"
        "- **ΔE**: mean colour difference to the original (CIEDE2000); 1 can just be seen.\n"
        "- **NIQE**: how natural the picture looks by itself; lower is better, “–” where it has too little texture.\n"
        "- **ST-LPIPS, SSIMULACRA 2**, where their packages are installed: how result and original compare for an eye. Of the first, lower is\n"
        "  closer, and it does not mind grain; of the second, higher is closer, up to 100.\n"
        "- **Edges**: how steep the original's edges are in the result; 1 is as steep.\n"
        "- **Calm**: how rough the result is where the original is calm; 1 is as rough, more is grain.\n"
        "- **Overshoot**: by how many levels of 255 the result goes beyond the original beside edges; 0 is no halo.\n"
        "- **Mean, back-projection** of the camera's shots: the mean is what “More shots of the same view” makes of them; back-projection, a\n"
        "  classic to compare with, changes that mean until it explains all shots as well as their noise allows; often the mean does already.\n"
        "  The border that not all shots show is not scored.\n\n"
        "Here each network's own output is scored, without the faithful modes, as `python -m sr_models evaluate` does: the figures are the same.",
        "**底色标出**每列最佳。点击列标题可排序。\n"
        "- **PSNR、SSIM**：与原图在亮度上的相似度，与公开评测的算法相同；越高越接近。\n"
        "- **LR-PSNR**：结果重新缩小后与小图相比；越高越一致。\n"
        "- **ΔE**：与原图的平均色差（CIEDE2000）；1 刚好可以察觉。\n"
        "- **NIQE**：仅凭画面本身的自然程度；越低越好，纹理太少时显示“–”。\n"
        "- **ST-LPIPS、SSIMULACRA 2**（安装了相应软件包时）：结果与原图在人眼看来有多接近。前者越低越接近，但不介意颗粒；\n"
        "  后者越高越接近，最高 100。\n"
        "- **边缘**：原图边缘在结果中的陡峭程度；1 为相同。\n"
        "- **平静**：原图平坦处结果的粗糙程度；1 为相同，更高即有颗粒。\n"
        "- **过冲**：边缘旁结果超出原图范围的级数（共 255 级）；0 为无光晕。\n"
        "- **平均、反投影**（相机的多张照片）：平均即“同一视角的更多照片”所得的结果；反投影是用于对比的经典方法，它修改该平均，\n"
        "  直到在噪声允许的范围内能解释每一张照片；平均往往已能做到。并非每张都拍到的边缘不参与评分。\n\n"
        "这里评的是各网络自身的输出，不使用忠实模式，与 `python -m sr_models evaluate` 的结果相同。",
    ),
    "photo": ("Your photo", "您的照片"),
    "drop": ("Drop a product photo here, paste one, or click to choose", "把商品图拖到这里、粘贴，或点击选择"),
    "scale": ("Scale", "倍数"),
    "model": ("Model", "模型"),
    "cnn": ("Keeps to your photo", "忠于照片"),
    "cnn-fast": ("Keeps to your photo, fast", "忠于照片，快速"),
    "gan": ("Adds texture", "补充纹理"),
    "model_info": (
        "Added texture (GAN) is crisp, but invented; writing is left alone.",
        "补充的纹理（GAN）清晰而合理，但属于虚构；文字不受影响。",
    ),
    "speed": ("Speed", "速度"),
    "best": ("Best", "最佳"),
    "fast": ("Fast", "快速"),
    "speed_info": ("Fast is a little softer.", "快速版略柔和。"),
    "detail": ("Detail", "细节"),
    "detail_info": ("0 keeps to the photo, 1 is crispest. Writing is left alone.", "0 忠于照片，1 最清晰。文字不受影响。"),
    "shots_title": ("More shots of the same view", "同一视角的更多照片"),
    "shots_info": (
        "Up to 8, from the same place. Where they agree with your photo, they take noise out and confirm detail.",
        "最多 8 张，在同一位置拍摄。在与您的照片一致之处，它们会降低噪点并证实细节。",
    ),
    "shots": ("Other shots", "其他照片"),
    "protect_title": ("Places to protect", "保护区域"),
    "protect": ("Paint over what nothing may be invented in: a logo, a pattern, a face", "涂抹不允许虚构内容的地方：标志、图案、人脸"),
    "size_title": ("Size and marketplace", "尺寸与电商平台"),
    "preset": ("For", "用于"),
    "preset_info": (
        "Puts the product on the canvas that the place asks for, and checks its rules.",
        "按平台要求的画布摆放商品，并检查其规则。",
    ),
    "no_preset": ("no marketplace", "不指定平台"),
    "snap": ("Make the background pure white", "背景变为纯白"),
    "size": ("Exact size in pixels", "精确尺寸（像素）"),
    "size_info": (
        "1600 is the longer side; 1600x1200 is width and height. Overrules the scale.",
        "1600 表示长边；1600x1200 表示宽和高。优先于放大倍数。",
    ),
    "how": ("If the photo has another shape", "照片比例不同时"),
    "how_info": (
        "Fit: as large as fits in. Fill: cut off what protrudes. Pad: fill up with the background colour.",
        "适应：完整放入。填满：裁去多余部分。补边：用背景色填充。",
    ),
    "fit": ("fit", "适应"),
    "fill": ("fill", "填满"),
    "pad": ("pad", "补边"),
    "file_title": ("File", "文件"),
    "format": ("Format", "格式"),
    "format_auto": ("PNG, or what the marketplace asks for", "PNG，或平台要求的格式"),
    "file_quality": ("Quality, 1 to 100", "质量（1 到 100）"),
    "max_kb": ("At most, KB", "最大 KB"),
    "background": ("Background", "背景色"),
    "background_info": ("Behind transparency in a JPEG, and around a padded photo.", "用于 JPEG 的透明处和补边。"),
    "classic_title": ("Before and after the network", "网络前后的处理"),
    "classic_info": (
        "Classic steps, all off at 0. The report names those that are on, since the photo is then compared after them.",
        "经典步骤，0 为关闭。报告会列出启用的步骤，因为照片是在这些步骤之后比较的。",
    ),
    "step_crop": ("Crop to the product", "裁剪到商品"),
    "step_crop_info": ("Share of the frame that the product's longer side should fill, such as 0.85", "商品长边占画面的比例，例如 0.85"),
    "step_deblock": ("Remove compression blocks", "去除压缩块"),
    "step_deblock_info": ("Share of the noise that the file says it has, such as 0.5", "按文件自带噪声的比例，例如 0.5"),
    "step_denoise": ("Remove grain", "去噪点"),
    "step_denoise_info": ("1 is for noise of 25 levels of 255; such as 0.2", "1 对应 25 级（共 255 级）的噪声；例如 0.2"),
    "step_deblur": ("Deblur", "去模糊"),
    "step_deblur_info": ("Radius of the blur in pixels, such as 0.7", "模糊半径（像素），例如 0.7"),
    "step_balance": ("White balance", "白平衡"),
    "step_balance_info": ("How much of the light's colour to take out, such as 0.5", "去除光源颜色的程度，例如 0.5"),
    "step_equalise": ("Equalise brightness (CLAHE)", "均衡亮度（CLAHE）"),
    "step_equalise_info": ("How far to locally equal histograms, such as 0.3", "向局部均衡直方图靠近的程度，例如 0.3"),
    "step_crisp": ("Crisp edges afterwards", "之后使边缘锐利"),
    "step_crisp_info": (
        "Width of the soft edges to make steep, in pixels of the result: 1.2 after 4×, 0.7 after 2×. No halo, no grain",
        "要变陡的模糊边缘的宽度（结果的像素）：放大 4 倍后 1.2，2 倍后 0.7。无光晕，不增颗粒",
    ),
    "step_sharpen": ("Sharpen afterwards", "之后锐化"),
    "step_sharpen_info": (
        "How much of what a blur of 1.5 pixels takes away is added, such as 0.5",
        "加回 1.5 像素模糊所去掉部分的程度，例如 0.5",
    ),
    "step_contrast": ("Contrast afterwards", "之后调对比度"),
    "step_contrast_info": ("How far dark and bright move apart, such as 0.2", "明暗拉开的程度，例如 0.2"),
    "step_colour": ("Colour afterwards", "之后调色彩"),
    "step_colour_info": ("How much stronger colours become; below 0, weaker; such as 0.15", "色彩增强的程度；小于 0 为减弱；例如 0.15"),
    "look_title": ("Look", "色调"),
    "look_about": (
        "Changes colours; not for colour-critical goods. No pixel moves and nothing is drawn: a look only says which colour becomes which.",
        "会改变颜色；不适用于对颜色要求严格的商品。像素不会移动，也不会画出任何内容：色调只规定哪种颜色变成哪种颜色。",
    ),
    "look": ("Look", "色调"),
    "no_look": ("none", "不使用"),
    "look_studio": ("studio: a whiter, more neutral background", "影棚：背景更白、更中性"),
    "look_own": ("my own .cube file", "自己的色调文件"),
    "look_file": ("A .cube file, as photo programs write it", ".cube 文件（修图软件导出）"),
    "look_strength": ("On the background", "用于背景"),
    "look_strength_info": ("1 is all of the look, 0 none.", "1 为完全使用，0 为不使用。"),
    "look_product": ("On the product", "用于商品"),
    "look_product_info": ("0 leaves the product's colours alone.", "0 表示商品颜色不变。"),
    "faithful": ("Faithful to the photo", "对照片的忠实度"),
    "faithful_info": (
        "Colour lock: no pixel's mean colour moves by more than one level of 255, or, of a compressed photo, than its file leaves open. Exact: reduced again, the result is your photo, byte for byte.",
        "锁定颜色：任何像素的平均颜色偏差不超过一级（共 255 级）；压缩过的照片，不超过其文件本身未确定的范围。精确：结果缩小后与原照片逐字节相同。",
    ),
    "off": ("off", "关闭"),
    "colour": ("colour lock", "锁定颜色"),
    "exact": ("exact", "精确"),
    "overlay": ("Show where detail was added", "显示新增细节的位置"),
    "enlarge": ("Enlarge", "放大"),
    "cancel": ("Cancel", "取消"),
    "download": ("Download", "下载"),
    "download_report": ("Report (JSON)", "报告（JSON）"),
    "download_overlay": ("Tinted picture", "标注图"),
    "download_page": ("Share as a page", "分享为网页"),
    "download_animation": ("Share as a GIF", "分享为动图"),
    "choices": ("Size, marketplace, file and more", "尺寸、平台、文件及更多"),
    "more": ("More choices", "更多选项"),
    "network": ("Exact network", "具体网络"),
    "network_info": (
        "Overrules the model above. Networks of other people are downloaded when first used; or type owner/name/file.safetensors of the Hub. SRCNN is the classic of 2014, for comparison, and slow.",
        "优先于上面的模型。他人的网络在首次使用时下载；也可输入 Hub 上的 owner/name/file.safetensors。SRCNN 是 2014 年的经典模型，仅供对比，速度慢。",
    ),
    "steps": ("How often the network looks", "网络查看次数"),
    "steps_info": (
        "More looks bring the result closer to the original. With the fast CNN and a clean photo the second brings most; with the CNN four bring about 0.1 dB. Each takes time.",
        "多看几次，结果更接近原图。快速 CNN 处理清晰照片时，第二次查看提高最多；CNN 四次约提高 0.1 dB。每次查看都需要时间。",
    ),
    "as_above": ("As chosen above", "同上面的选择"),
    "input": ("The photo is", "照片类型"),
    "input_info": (
        "“From the web” means compressed: JPEG, lossy WebP, AVIF. The file says so itself.",
        "“来自网络”指经过有损压缩：JPEG、有损 WebP、AVIF。一般由文件自动判断。",
    ),
    "auto": ("as its file says", "由文件判断"),
    "clean": ("clean", "无压缩"),
    "web": ("from the web", "来自网络"),
    "examples": ("Or try one of these", "或者试试这些照片"),
    "limits": (
        f"Photos of up to {MEGAPIXELS} megapixels and 50 MB (JPEG, PNG, WebP, AVIF, BMP, TIFF, GIF), results of up to {MEGAPIXELS_OUT} megapixels. "
        "Both are deleted after an hour. The example photos are CC0 (the jar: CC BY, Amazon Berkeley Objects); all but the jar were also used for training.",
        f"照片最大 {MEGAPIXELS} 百万像素、50 MB（JPEG、PNG、WebP、AVIF、BMP、TIFF、GIF），结果最大 {MEGAPIXELS_OUT} 百万像素。照片和结果一小时后删除。示例照片为 CC0 许可（罐子：CC BY，Amazon Berkeley Objects）；除罐子外均曾用于训练。",
    ),
}
"""Key of a label → how it reads in English and in Chinese."""
WORDS |= {f"place_{row.id}": (row.name, CHINESE[row.name]) for row in PRESETS}
WORDS |= {f"format_{format}": (name, CHINESE[name]) for format, name in NAMES.items()}
LABELS = {language: {key: both[place] for key, both in WORDS.items()} for place, language in enumerate(("en", "zh"))}


def labels(translate: Callable[[str], Any]) -> Callable[[str], Any]:
    """`translate`, as gradio does it in the browser, for labels that there are; KeyError for others."""

    def text(key: str) -> Any:
        if key not in WORDS:
            raise KeyError(f"The label {key} is missing: see ui/words/texts.py.")
        return translate(key)

    return text


def label(language: str, key: str) -> str:
    """A label of the page in the language that the browser asks for."""
    return LABELS["zh" if language.lower().startswith("zh") else "en"][key]


def say(language: str, sentence: str, **values: object) -> str:
    """The sentence, which is its own key, in the language that the browser asks for ("zh-CN,zh;q=0.9", …); a failure among its values too."""
    chinese = language.lower().startswith("zh")
    said = {name: say_failure(language, value) if isinstance(value, UpscaleError) else value for name, value in values.items()}
    if chinese and said.get("formats") == FORMATS_IN_WORDS:
        said["formats"] = FORMATS_IN_WORDS.replace(", ", "、").replace(" or ", " 或 ")
    return (CHINESE.get(sentence, sentence) if chinese else sentence).format(**said)


def say_failure(language: str, failure: UpscaleError) -> str:
    return say(language, failure.sentence, **failure.values)

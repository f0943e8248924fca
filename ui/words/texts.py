"""The labels of the page, in English and Chinese, and every other sentence in the language that the browser asks for."""

from collections.abc import Callable
from typing import Any

from sr_models import MAX_OUTPUT_PIXELS, MAX_PIXELS, UpscaleError
from sr_models.names import NAMES
from sr_models.reading import FORMATS_IN_WORDS
from sr_models.shop.presets import PRESETS
from ui.words.chinese import CHINESE

MEGAPIXELS, MEGAPIXELS_OUT = MAX_PIXELS // 1_000_000, MAX_OUTPUT_PIXELS // 1_000_000

LABELS = {
    "en": {
        "intro": "# Product-photo super-resolution\nMake a product photo 2, 3 or 4 times as large, and see what was changed.",
        "other_language": "中文",
        "tab_enlarge": "Enlarge",
        "tab_catalogue": "Catalogue",
        "catalogue_intro": "Many photos at once: choose once, and get a ZIP with every result, a contact sheet, and a verdict for every file.",
        "catalogue_drop": "Drop photos or a ZIP here, or click to choose",
        "catalogue_start": "Enlarge all",
        "catalogue_clear": "Clear the list",
        "catalogue_download": "Download the ZIP",
        "tab_compare": "Compare",
        "compare_intro": "Click on a point of a photo: every model shows the same crop of it at the same zoom, with its figures.",
        "blind": "Blind test",
        "blind_info": "Which result would you rather see, and which is closer to the original, if nobody says which model made it? Take a\n"
        "sharp photo: parts of it are made small, and enlarged again by two models each.",
        "blind_begin": "Begin the blind test",
        "blind_keep": "Save it to send it on",
        "link": "Address of this view",
        "save_comparison": "Save this comparison",
        "tab_check": "Check",
        "check_intro": "Have the sharp original? It is shrunk, every model enlarges it again, and figures say how close each one comes.",
        "original": "Your sharp original",
        "drop_original": "Drop a sharp photo here, paste one, or click to choose",
        "shrinking": "Shrunk by",
        "shrinking_info": "Bicubic is what benchmarks use and networks learn from; box is the plain mean; JPEG is what the web does to photos; "
        "the camera is simulated, and held in the hand.",
        "shrink_bicubic": "bicubic",
        "shrink_box": "box",
        "shrink_jpeg": "bicubic + JPEG",
        "shrink_camera": "camera, 4 shots",
        "quality": "JPEG quality",
        "check": "Check every model",
        "download_csv": "Download CSV",
        "check_legend": "**Marked**: the best of each column. Click on a column's head to sort.\n"
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
        "photo": "Your photo",
        "drop": "Drop a product photo here, paste one, or click to choose",
        "scale": "Scale",
        "model": "Model",
        "cnn": "Keeps to your photo",
        "cnn-fast": "Keeps to your photo, fast",
        "gan": "Adds texture",
        "model_info": "Added texture (GAN) is crisp, but invented; writing is left alone.",
        "speed": "Speed",
        "best": "Best",
        "fast": "Fast",
        "speed_info": "Fast is a little softer.",
        "detail": "Detail",
        "detail_info": "0 keeps to the photo, 1 is crispest. Writing is left alone.",
        "shots_title": "More shots of the same view",
        "shots_info": "Up to 8, from the same place. Where they agree with your photo, they take noise out and confirm detail.",
        "shots": "Other shots",
        "protect_title": "Places to protect",
        "protect": "Paint over what nothing may be invented in: a logo, a pattern, a face",
        "size_title": "Size and marketplace",
        "preset": "For",
        "preset_info": "Puts the product on the canvas that the place asks for, and checks its rules.",
        "no_preset": "no marketplace",
        "snap": "Make the background pure white",
        "size": "Exact size in pixels",
        "size_info": "1600 is the longer side; 1600x1200 is width and height. Overrules the scale.",
        "how": "If the photo has another shape",
        "how_info": "Fit: as large as fits in. Fill: cut off what protrudes. Pad: fill up with the background colour.",
        "fit": "fit",
        "fill": "fill",
        "pad": "pad",
        "file_title": "File",
        "format": "Format",
        "format_auto": "PNG, or what the marketplace asks for",
        "file_quality": "Quality, 1 to 100",
        "max_kb": "At most, KB",
        "background": "Background",
        "background_info": "Behind transparency in a JPEG, and around a padded photo.",
        "steps_title": "Before and after the network",
        "steps_info": "Classic steps, all off at 0. The report names those that are on, since the photo is then compared after them.",
        "step_crop": "Crop to the product",
        "step_crop_info": "Share of the frame that the product's longer side should fill, such as 0.85",
        "step_deblock": "Remove compression blocks",
        "step_deblock_info": "Share of the noise that the file says it has, such as 0.5",
        "step_denoise": "Remove grain",
        "step_denoise_info": "1 is for noise of 25 levels of 255; such as 0.2",
        "step_deblur": "Deblur",
        "step_deblur_info": "Radius of the blur in pixels, such as 0.7",
        "step_balance": "White balance",
        "step_balance_info": "How much of the light's colour to take out, such as 0.5",
        "step_equalise": "Equalise brightness (CLAHE)",
        "step_equalise_info": "How far to locally equal histograms, such as 0.3",
        "step_crisp": "Crisp edges afterwards",
        "step_crisp_info": "Width of the soft edges to make steep, in pixels of the result: 1.2 after 4×, 0.7 after 2×. No halo, no grain",
        "step_sharpen": "Sharpen afterwards",
        "step_sharpen_info": "How much of what a blur of 1.5 pixels takes away is added, such as 0.5",
        "step_contrast": "Contrast afterwards",
        "step_contrast_info": "How far dark and bright move apart, such as 0.2",
        "step_colour": "Colour afterwards",
        "step_colour_info": "How much stronger colours become; below 0, weaker; such as 0.15",
        "look_title": "Look",
        "look_about": "Changes colours; not for colour-critical goods. No pixel moves and nothing is drawn: a look only says which colour becomes which.",
        "look": "Look",
        "no_look": "none",
        "look_studio": "studio: a whiter, more neutral background",
        "look_own": "my own .cube file",
        "look_file": "A .cube file, as photo programs write it",
        "look_strength": "On the background",
        "look_strength_info": "1 is all of the look, 0 none.",
        "look_product": "On the product",
        "look_product_info": "0 leaves the product's colours alone.",
        "faithful": "Faithful to the photo",
        "faithful_info": "Colour lock: no pixel's mean colour moves by more than one level of 255, or, of a compressed photo, than its file leaves open. Exact: reduced again, the result is your photo, byte for byte.",
        "off": "off",
        "colour": "colour lock",
        "exact": "exact",
        "overlay": "Show where detail was added",
        "enlarge": "Enlarge",
        "cancel": "Cancel",
        "download": "Download",
        "download_report": "Report (JSON)",
        "download_overlay": "Tinted picture",
        "download_page": "Share as a page",
        "download_animation": "Share as a GIF",
        "choices": "Size, marketplace, file and more",
        "more": "More choices",
        "network": "Exact network",
        "network_info": "Overrules the model above. Networks of other people are downloaded when first used; or type owner/name/file.safetensors of the Hub. SRCNN is the classic of 2014, for comparison, and slow.",
        "as_above": "As chosen above",
        "input": "The photo is",
        "input_info": "“From the web” means compressed: JPEG, lossy WebP, AVIF. The file says so itself.",
        "auto": "as its file says",
        "clean": "clean",
        "web": "from the web",
        "examples": "Or try one of these",
        "limits": f"Photos of up to {MEGAPIXELS} megapixels and 50 MB (JPEG, PNG, WebP, AVIF, BMP, TIFF, GIF), results of up to {MEGAPIXELS_OUT} megapixels. "
        "Both are deleted after an hour. The example photos are CC0 (the jar: CC BY, Amazon Berkeley Objects); all but the jar were also used for training.",
    },
    "zh": {
        "intro": "# 商品图超分辨率\n把商品图放大 2、3 或 4 倍，并看清改变了什么。",
        "other_language": "English",
        "tab_enlarge": "放大",
        "tab_catalogue": "批量",
        "catalogue_intro": "一次处理多张照片：只选一次，得到一个 ZIP，内含全部结果、缩略图总览和每个文件的结论。",
        "catalogue_drop": "把照片或 ZIP 拖到这里，或点击选择",
        "catalogue_start": "全部放大",
        "catalogue_clear": "清空列表",
        "catalogue_download": "下载 ZIP",
        "tab_compare": "对比",
        "compare_intro": "点击照片上的一点：每个模型以相同的倍数显示同一局部，并附上指标。",
        "blind": "盲测",
        "blind_info": "如果不说明由哪个模型生成，您更愿意看到哪一张，哪一张更接近原图？请选用清晰的照片：其局部先被缩小，再分别由两个模型放大。",
        "blind_begin": "开始盲测",
        "blind_keep": "保存以便转发",
        "link": "此画面的网址",
        "save_comparison": "保存此对比",
        "tab_check": "检验",
        "check_intro": "有清晰的原图？先把它缩小，再由每个模型放大，用指标说明各自有多接近原图。",
        "original": "清晰的原图",
        "drop_original": "把清晰的照片拖到这里、粘贴，或点击选择",
        "shrinking": "缩小方式",
        "shrinking_info": "双三次是评测和训练所用的方式；方块平均是简单平均；JPEG 是照片在网络上的遭遇；相机为模拟的手持相机。",
        "shrink_bicubic": "双三次",
        "shrink_box": "方块平均",
        "shrink_jpeg": "双三次 + JPEG",
        "shrink_camera": "相机，连拍 4 张",
        "quality": "JPEG 质量",
        "check": "检验所有模型",
        "download_csv": "下载 CSV",
        "check_legend": "**底色标出**每列最佳。点击列标题可排序。\n"
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
        "photo": "您的照片",
        "drop": "把商品图拖到这里、粘贴，或点击选择",
        "scale": "倍数",
        "model": "模型",
        "cnn": "忠于照片",
        "cnn-fast": "忠于照片，快速",
        "gan": "补充纹理",
        "model_info": "补充的纹理（GAN）清晰而合理，但属于虚构；文字不受影响。",
        "speed": "速度",
        "best": "最佳",
        "fast": "快速",
        "speed_info": "快速版略柔和。",
        "detail": "细节",
        "detail_info": "0 忠于照片，1 最清晰。文字不受影响。",
        "shots_title": "同一视角的更多照片",
        "shots_info": "最多 8 张，在同一位置拍摄。在与您的照片一致之处，它们会降低噪点并证实细节。",
        "shots": "其他照片",
        "protect_title": "保护区域",
        "protect": "涂抹不允许虚构内容的地方：标志、图案、人脸",
        "size_title": "尺寸与电商平台",
        "preset": "用于",
        "preset_info": "按平台要求的画布摆放商品，并检查其规则。",
        "no_preset": "不指定平台",
        "snap": "背景变为纯白",
        "size": "精确尺寸（像素）",
        "size_info": "1600 表示长边；1600x1200 表示宽和高。优先于放大倍数。",
        "how": "照片比例不同时",
        "how_info": "适应：完整放入。填满：裁去多余部分。补边：用背景色填充。",
        "fit": "适应",
        "fill": "填满",
        "pad": "补边",
        "file_title": "文件",
        "format": "格式",
        "format_auto": "PNG，或平台要求的格式",
        "file_quality": "质量（1 到 100）",
        "max_kb": "最大 KB",
        "background": "背景色",
        "background_info": "用于 JPEG 的透明处和补边。",
        "steps_title": "网络前后的处理",
        "steps_info": "经典步骤，0 为关闭。报告会列出启用的步骤，因为照片是在这些步骤之后比较的。",
        "step_crop": "裁剪到商品",
        "step_crop_info": "商品长边占画面的比例，例如 0.85",
        "step_deblock": "去除压缩块",
        "step_deblock_info": "按文件自带噪声的比例，例如 0.5",
        "step_denoise": "去噪点",
        "step_denoise_info": "1 对应 25 级（共 255 级）的噪声；例如 0.2",
        "step_deblur": "去模糊",
        "step_deblur_info": "模糊半径（像素），例如 0.7",
        "step_balance": "白平衡",
        "step_balance_info": "去除光源颜色的程度，例如 0.5",
        "step_equalise": "均衡亮度（CLAHE）",
        "step_equalise_info": "向局部均衡直方图靠近的程度，例如 0.3",
        "step_crisp": "之后使边缘锐利",
        "step_crisp_info": "要变陡的模糊边缘的宽度（结果的像素）：放大 4 倍后 1.2，2 倍后 0.7。无光晕，不增颗粒",
        "step_sharpen": "之后锐化",
        "step_sharpen_info": "加回 1.5 像素模糊所去掉部分的程度，例如 0.5",
        "step_contrast": "之后调对比度",
        "step_contrast_info": "明暗拉开的程度，例如 0.2",
        "step_colour": "之后调色彩",
        "step_colour_info": "色彩增强的程度；小于 0 为减弱；例如 0.15",
        "look_title": "色调",
        "look_about": "会改变颜色；不适用于对颜色要求严格的商品。像素不会移动，也不会画出任何内容：色调只规定哪种颜色变成哪种颜色。",
        "look": "色调",
        "no_look": "不使用",
        "look_studio": "影棚：背景更白、更中性",
        "look_own": "自己的色调文件",
        "look_file": ".cube 文件（修图软件导出）",
        "look_strength": "用于背景",
        "look_strength_info": "1 为完全使用，0 为不使用。",
        "look_product": "用于商品",
        "look_product_info": "0 表示商品颜色不变。",
        "faithful": "对照片的忠实度",
        "faithful_info": "锁定颜色：任何像素的平均颜色偏差不超过一级（共 255 级）；压缩过的照片，不超过其文件本身未确定的范围。精确：结果缩小后与原照片逐字节相同。",
        "off": "关闭",
        "colour": "锁定颜色",
        "exact": "精确",
        "overlay": "显示新增细节的位置",
        "enlarge": "放大",
        "cancel": "取消",
        "download": "下载",
        "download_report": "报告（JSON）",
        "download_overlay": "标注图",
        "download_page": "分享为网页",
        "download_animation": "分享为动图",
        "choices": "尺寸、平台、文件及更多",
        "more": "更多选项",
        "network": "具体网络",
        "network_info": "优先于上面的模型。他人的网络在首次使用时下载；也可输入 Hub 上的 owner/name/file.safetensors。SRCNN 是 2014 年的经典模型，仅供对比，速度慢。",
        "as_above": "同上面的选择",
        "input": "照片类型",
        "input_info": "“来自网络”指经过有损压缩：JPEG、有损 WebP、AVIF。一般由文件自动判断。",
        "auto": "由文件判断",
        "clean": "无压缩",
        "web": "来自网络",
        "examples": "或者试试这些照片",
        "limits": f"照片最大 {MEGAPIXELS} 百万像素、50 MB（JPEG、PNG、WebP、AVIF、BMP、TIFF、GIF），结果最大 {MEGAPIXELS_OUT} 百万像素。照片和结果一小时后删除。示例照片为 CC0 许可（罐子：CC BY，Amazon Berkeley Objects）；除罐子外均曾用于训练。",
    },
}

OFFERED = {f"place_{row.id}": row.name for row in PRESETS} | {f"format_{format}": name for format, name in NAMES.items()}
LABELS["en"] |= OFFERED
LABELS["zh"] |= {f"place_{row.id}": CHINESE[row.name] for row in PRESETS} | {
    f"format_{format}": CHINESE[name] for format, name in NAMES.items()
}


def labels(translate: Callable[[str], Any]) -> Callable[[str], Any]:
    """`translate`, as gradio does it in the browser, for labels that there are in every language; KeyError for others."""

    def text(key: str) -> Any:
        if lacking := [language for language, known in LABELS.items() if key not in known]:
            raise KeyError(f"The label {key} is missing in {', '.join(lacking)}: see ui/words/texts.py.")
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

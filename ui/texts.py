"""Every sentence of the page, in English and Chinese."""

from sr_models import MAX_OUTPUT_PIXELS, MAX_PIXELS, UpscaleError

MEGAPIXELS, MEGAPIXELS_OUT = MAX_PIXELS // 1_000_000, MAX_OUTPUT_PIXELS // 1_000_000

LABELS = {
    "en": {
        "intro": "# Product-photo super-resolution\nMake a product photo 2, 3 or 4 times as large, and see what the model changed. In exact mode, the result reduced again is your photo, byte for byte.",
        "tab_enlarge": "Enlarge",
        "tab_compare": "Compare",
        "compare_intro": "Click on a point of a photo: every model shows the same crop of it at the same zoom, with its figures.",
        "link": "Address of this view",
        "save_comparison": "Save this comparison",
        "tab_check": "Check",
        "check_intro": "Have the sharp original? It is shrunk, every model enlarges it again, and figures say how close each one comes.",
        "original": "Your sharp original",
        "drop_original": "Drop a sharp photo here, paste one, or click to choose",
        "shrinking": "Shrunk by",
        "shrinking_info": "Bicubic is what benchmarks use and networks learn from; box is the plain mean; JPEG is what the web does to photos.",
        "shrink_bicubic": "bicubic",
        "shrink_box": "box",
        "shrink_jpeg": "bicubic + JPEG",
        "quality": "JPEG quality",
        "check": "Check every model",
        "download_csv": "Download CSV",
        "check_legend": "**Marked**: the best of each column. Click on a column's head to sort.\n"
        "- **PSNR, SSIM**: likeness to the original in brightness, as benchmarks state it; higher is closer.\n"
        "- **LR-PSNR**: the result, reduced again, against the small photo; higher agrees better.\n"
        "- **ΔE**: mean colour difference to the original (CIEDE2000); 1 can just be seen.\n"
        "- **NIQE**: how natural the picture looks by itself; lower is better, “–” where it has too little texture.\n\n"
        "Here each network's own output is scored, without the faithful modes, as `python -m sr_models evaluate` does: the figures are the same.",
        "photo": "Your photo",
        "drop": "Drop a product photo here, paste one, or click to choose",
        "scale": "Scale",
        "model": "Model",
        "cnn": "CNN: faithful",
        "gan": "GAN: crisp",
        "model_info": "CNN keeps to what the photo shows; GAN adds plausible texture.",
        "detail": "Detail",
        "detail_info": "0 keeps to the photo, 1 is crispest. Writing and flat white are left alone.",
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
        "step_sharpen": "Sharpen afterwards",
        "step_sharpen_info": "How much of what a blur of 1.5 pixels takes away is added, such as 0.5",
        "step_contrast": "Contrast afterwards",
        "step_contrast_info": "How far dark and bright move apart, such as 0.2",
        "step_colour": "Colour afterwards",
        "step_colour_info": "How much stronger colours become; below 0, weaker; such as 0.15",
        "faithful": "Faithful to the photo",
        "faithful_info": "Colour lock: no pixel's mean colour moves by more than one level of 255, or than the noise of a compressed photo. Exact: reduced again, the result is your photo, byte for byte.",
        "off": "off",
        "colour": "colour lock",
        "exact": "exact",
        "overlay": "Show where detail was added",
        "enlarge": "Enlarge",
        "cancel": "Cancel",
        "result": "Before (bicubic) | after",
        "download": "Download",
        "download_report": "Report (JSON)",
        "download_overlay": "Tinted picture",
        "more": "More choices",
        "network": "Exact network",
        "network_info": "Overrules the model above. SRCNN is the classic of 2014, for comparison, and slow.",
        "as_above": "As chosen above",
        "input": "The photo is",
        "input_info": "“From the web” means compressed: JPEG, lossy WebP, AVIF. The file says so itself.",
        "auto": "as its file says",
        "clean": "clean",
        "web": "from the web",
        "examples": "Or try one of these",
        "limits": f"Photos of up to {MEGAPIXELS} megapixels and 50 MB (JPEG, PNG, WebP, AVIF, BMP, TIFF, GIF), results of up to {MEGAPIXELS_OUT} megapixels. "
        "Both are deleted after an hour. The example photos are CC0 and were not used for training.",
    },
    "zh": {
        "intro": "# 商品图超分辨率\n把商品图放大 2、3 或 4 倍，并查看模型改变了什么。“精确”模式下，结果缩小后与原照片逐字节相同。",
        "tab_enlarge": "放大",
        "tab_compare": "对比",
        "compare_intro": "点击照片上的一点：每个模型以相同的倍数显示同一局部，并附上指标。",
        "link": "此画面的网址",
        "save_comparison": "保存此对比",
        "tab_check": "检验",
        "check_intro": "有清晰的原图？先把它缩小，再由每个模型放大，用指标说明各自有多接近原图。",
        "original": "清晰的原图",
        "drop_original": "把清晰的照片拖到这里、粘贴，或点击选择",
        "shrinking": "缩小方式",
        "shrinking_info": "双三次是评测和训练所用的方式；方块平均是简单平均；JPEG 是照片在网络上的遭遇。",
        "shrink_bicubic": "双三次",
        "shrink_box": "方块平均",
        "shrink_jpeg": "双三次 + JPEG",
        "quality": "JPEG 质量",
        "check": "检验所有模型",
        "download_csv": "下载 CSV",
        "check_legend": "**底色标出**每列最佳。点击列标题可排序。\n"
        "- **PSNR、SSIM**：与原图在亮度上的相似度，与公开评测的算法相同；越高越接近。\n"
        "- **LR-PSNR**：结果重新缩小后与小图相比；越高越一致。\n"
        "- **ΔE**：与原图的平均色差（CIEDE2000）；1 刚好可以察觉。\n"
        "- **NIQE**：仅凭画面本身的自然程度；越低越好，纹理太少时显示“–”。\n\n"
        "这里评的是各网络自身的输出，不使用忠实模式，与 `python -m sr_models evaluate` 的结果相同。",
        "photo": "您的照片",
        "drop": "把商品图拖到这里、粘贴，或点击选择",
        "scale": "倍数",
        "model": "模型",
        "cnn": "CNN：忠实",
        "gan": "GAN：锐利",
        "model_info": "CNN 只还原照片中已有的内容；GAN 会补充合理的纹理。",
        "detail": "细节",
        "detail_info": "0 忠于照片，1 最清晰。文字和纯白平面不受影响。",
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
        "step_sharpen": "之后锐化",
        "step_sharpen_info": "加回 1.5 像素模糊所去掉部分的程度，例如 0.5",
        "step_contrast": "之后调对比度",
        "step_contrast_info": "明暗拉开的程度，例如 0.2",
        "step_colour": "之后调色彩",
        "step_colour_info": "色彩增强的程度；小于 0 为减弱；例如 0.15",
        "faithful": "对照片的忠实度",
        "faithful_info": "锁定颜色：任何像素的平均颜色偏差不超过一级（共 255 级），压缩过的照片不超过其噪声。精确：结果缩小后与原照片逐字节相同。",
        "off": "关闭",
        "colour": "锁定颜色",
        "exact": "精确",
        "overlay": "显示新增细节的位置",
        "enlarge": "放大",
        "cancel": "取消",
        "result": "之前（双三次）| 之后",
        "download": "下载",
        "download_report": "报告（JSON）",
        "download_overlay": "标注图",
        "more": "更多选项",
        "network": "具体网络",
        "network_info": "优先于上面的模型。SRCNN 是 2014 年的经典网络，仅供对比，速度较慢。",
        "as_above": "同上面的选择",
        "input": "照片类型",
        "input_info": "“来自网络”指经过有损压缩：JPEG、有损 WebP、AVIF。一般由文件自动判断。",
        "auto": "由文件判断",
        "clean": "无压缩",
        "web": "来自网络",
        "examples": "或者试试这些照片",
        "limits": f"照片最大 {MEGAPIXELS} 百万像素、50 MB（JPEG、PNG、WebP、AVIF、BMP、TIFF、GIF），结果最大 {MEGAPIXELS_OUT} 百万像素。照片和结果一小时后删除。示例照片为 CC0 许可，未用于训练。",
    },
}

CHINESE = {
    "Please note": "请注意",
    "Upload a photo first.": "请先上传一张照片。",
    "Stopped.": "已停止。",
    "{before} → {after} pixels · {model} {scale}× ({id}) · {seconds} s on {device}": (
        "{before} → {after} 像素 · {model} {scale}×（{id}）· {seconds} 秒，{device}"
    ),
    "Shown at {size} pixels; the download has them all.": "页面显示 {size} 像素；下载的文件包含全部像素。",
    "Example: {line}": "示例：{line}",
    "“{name}” has {width} × {height} pixels; to check {scale}×, at least {limit} are needed on each side. "
    "Choose a smaller scale or a larger original.": (
        "“{name}”为 {width} × {height} 像素；检验 {scale} 倍时每边至少需要 {limit} 像素。请选择较小的倍数或较大的原图。"
    ),
    "{original} pixels, shrunk to {small} ({how}), enlarged {scale}× by every model": (
        "{original} 像素，缩小到 {small}（{how}），再由每个模型放大 {scale} 倍"
    ),
    "The original is large: only its middle is used.": "原图较大：只使用其中间部分。",
    "“{shrinking}” is no way to shrink a photo. Choose bicubic, box or jpeg.": "“{shrinking}”不是缩小方式。请选择 bicubic、box 或 jpeg。",
    "“{quality}” is no quality of a JPEG. Choose 1 to 100.": "“{quality}”不是 JPEG 质量。请选择 1 到 100。",
    "bicubic": "双三次",
    "box": "方块平均",
    "Original": "原图",
    "Seconds": "秒",
    "{done} of {total} models …": "{done} / {total} 个模型…",
    "{width} × {height} pixels around ({x}, {y}), enlarged {scale}× with the colour lock on {device}.": (
        "({x}, {y}) 周围 {width} × {height} 像素，放大 {scale} 倍，锁定颜色，{device}。"
    ),
    "Uploaded photos are never put into a link.": "上传的照片绝不会放入链接。",
    "{name}: the same crop through {total} models": "{name}：{total} 个模型处理的同一局部",
    "The photo": "原照片",
    "{width} × {height} pixels; the frame is what is compared": "{width} × {height} 像素；框内为对比的局部",
    "Nearest neighbour": "最近邻",
    "Bicubic": "双三次",
    "Lanczos": "Lanczos",
    "for clean photos": "适合无压缩照片",
    "for photos from the web": "适合来自网络的照片",
    "time": "用时",
    "LR-PSNR and ΔE compare the enlarged crop, reduced again, with the photo: more dB and a smaller ΔE are closer, and a ΔE of 1 "
    "can just be seen. The time is that of this crop.": (
        "LR-PSNR 和 ΔE 把放大后的局部重新缩小，再与照片比较：dB 越高、ΔE 越小越接近；ΔE 为 1 刚好可以察觉。用时仅指此局部。"
    ),
    "The result agrees with the photo.": "结果与照片一致。",
    "Please look at the result before you use it:": "使用前请先检查结果：",
    "agreement: the result reduced again, against the photo (LR-PSNR)": "一致性：结果缩小后与照片相比（LR-PSNR）",
    "mean colour difference; 1 can just be seen": "平均色差；1 刚好可以察觉",
    "of the pure white kept": "的纯白得以保留",
    "of the detail is new: the photo does not hold it": "的细节是新增的：照片中没有",
    "Details": "详细信息",
    "Exact: each {scale} × {scale} pixels average to the photo's pixel, byte for byte. PNG keeps this; JPEG would not.": (
        "精确：每 {scale} × {scale} 个像素的平均值与照片的像素逐字节相同。PNG 能保持，JPEG 不能。"
    ),
    "The photo is compressed: exactness also keeps its compression noise.": "照片经过压缩：精确模式也会保留其压缩噪声。",
    "Largest difference in a pixel of the photo": "照片像素的最大差异",
    "Mean difference": "平均差异",
    "Colour difference, 95th percentile": "色差，第 95 百分位",
    "Colour cast": "偏色",
    "Shift": "位移",
    "Faithful mode": "忠实模式",
    "Model": "模型",
    "Time": "时间",
    "CNN against GAN in the busiest place": "细节最多处 CNN 与 GAN 的差异",
    "as in the photo": "与照片相同",
    "new detail, as strong as noise": "新增细节，强如噪声",
    "Reduced again, the result agrees with the photo to {found:.1f} dB only; {limit:.1f} dB are expected.": (
        "结果缩小后与照片的一致性只有 {found:.1f} dB；应达到 {limit:.1f} dB。"
    ),
    "Somewhere the mean colour is off by {found} levels of 255; up to {limit} are expected. Look for a place that was changed.": (
        "某处的平均颜色偏差 {found} 级（共 255 级）；最多应为 {limit} 级。请查找被改动的位置。"
    ),
    "Colours differ by ΔE {found:.2f} on average; up to {limit:.2f} is expected.": "平均色差为 ΔE {found:.2f}；最多应为 {limit:.2f}。",
    "There is a colour cast of {found:.1f} levels of 255, at least in a part of the picture; up to {limit:.1f} are expected.": (
        "图片至少有一部分偏色 {found:.1f} 级（共 255 级）；最多应为 {limit:.1f} 级。"
    ),
    "Transparency is off by {found} levels of 255 somewhere; up to {limit} are expected.": (
        "某处的透明度偏差 {found} 级（共 255 级）；最多应为 {limit} 级。"
    ),
    "The network itself moved colours by up to {found} levels of 255; up to {limit} are usual. The colour lock prevents it.": (
        "网络本身使颜色偏移最多 {found} 级（共 255 级）；通常不超过 {limit} 级。“锁定颜色”可以避免。"
    ),
    "The result has {found} pixels, the photo {photo}. Give a result whose sides are a whole multiple of the photo's.": (
        "结果为 {found} 像素，照片为 {photo} 像素。结果的边长应为照片的整数倍。"
    ),
    "colour lock": "锁定颜色",
    "exact": "精确",
    "off": "关闭",
    "Where the photo is transparent, each channel of `split()` is exact.": "照片透明处，split() 的每个通道都是精确的。",
    "Only {found:.2%} of the pure white stayed pure white.": "只有 {found:.2%} 的纯白保持纯白。",
    "The picture moved by {found:.2f} pixels of the photo; up to {limit:.2f} are expected.": (
        "图片移动了 {found:.2f} 个照片像素；最多应为 {limit:.2f}。"
    ),
    "There is no folder “{folder}”. Give the folder that holds the photos.": "找不到文件夹“{folder}”。请指定照片所在的文件夹。",
    "The folder “{folder}” holds no photo ({formats}).": "文件夹“{folder}”中没有照片（{formats}）。",
    "“{name}” has more than {limit} megabytes. Please make it smaller first.": "“{name}”超过 {limit} MB。请先缩小。",
    "“{name}” could not be opened ({reason}).": "无法打开“{name}”（{reason}）。",
    "“{name}” keeps its 16-bit colours in separate planes, which is not read. Please save it as PNG.": (
        "“{name}”把 16 位颜色存放在分离的平面中，无法读取。请另存为 PNG。"
    ),
    "There is no file “{name}”. Check the path and try again.": "找不到文件“{name}”。请检查路径后重试。",
    "“{name}” is empty (0 bytes). Please save or upload the photo again.": "“{name}”是空文件（0 字节）。请重新保存或上传。",
    "“{name}” is not a picture this program reads. Please use {formats}.": "“{name}”不是本程序能读取的图片。请使用 {formats}。",
    "“{name}” is too large: photos of up to {limit} megapixels are accepted. Please make it smaller first.": (
        "“{name}”太大：最多接受 {limit} 百万像素的照片。请先缩小。"
    ),
    "“{name}” is damaged or incomplete and could not be read to the end. Please export or upload it again.": (
        "“{name}”已损坏或不完整，无法完整读取。请重新导出或上传。"
    ),
    "“{name}” has 32-bit values, whose black and white are not defined. Please save it with 8 or 16 bits a channel.": (
        "“{name}”是 32 位图像，黑白范围不确定。请另存为每通道 8 位或 16 位。"
    ),
    "“{name}” could not be written ({reason}). Check the folder and the free space.": "无法写入“{name}”（{reason}）。请检查文件夹和剩余空间。",
    "The result would have {width} × {height} pixels; up to {limit} megapixels are made. Choose a smaller scale or photo.": (
        "结果将有 {width} × {height} 像素；最多生成 {limit} 百万像素。请选择较小的倍数或照片。"
    ),
    "The scale {scale} is not offered. Choose one of {scales}.": "不支持 {scale} 倍。请选择：{scales}。",
    "“{input}” is no kind of input. Choose auto, clean or web.": "“{input}”不是照片类型。请选择 auto、clean 或 web。",
    "There is no model “{model}”. Choose one of {families}, or an id that “python -m sr_models models” lists.": (
        "没有模型“{model}”。请选择：{families}，或“python -m sr_models models”列出的编号。"
    ),
    "“{model}” enlarges by {offered}, not by {scale}. Choose that scale or another model.": (
        "“{model}”放大 {offered} 倍，而不是 {scale} 倍。请换倍数或模型。"
    ),
    "“{model}” has no weights for {input} photos at {scale}×. Choose auto, or another model.": (
        "“{model}”在 {scale} 倍下没有适合 {input} 照片的权重。请选择“由文件判断”或其他模型。"
    ),
    "“{name}” is no device. Choose auto, cpu or cuda.": "“{name}”不是设备。请选择 auto、cpu 或 cuda。",
    "There is no CUDA GPU that PyTorch can use on this machine. Choose auto or cpu.": "本机没有 PyTorch 可用的 CUDA GPU。请选择 auto 或 cpu。",
    "The weights {id} are missing: {file} should lie in weights/. Fetch the project again.": (
        "缺少权重 {id}：weights/ 中应有 {file}。请重新获取本项目。"
    ),
    "The weights {id} are damaged or not ours: SHA-256 {found}… where {expected}… was expected. Fetch {file} again.": (
        "权重 {id} 已损坏或来源不明：SHA-256 为 {found}…，应为 {expected}…。请重新获取 {file}。"
    ),
    "“{level}” is no faithful mode. Choose off, colour or exact.": "“{level}”不是忠实模式。请选择 off、colour 或 exact。",
    "The weights {id} do not fit their network: {reason}": "权重 {id} 与网络不符：{reason}",
}


def say(language: str, sentence: str, **values: object) -> str:
    """The sentence, which is its own key, in the language that the browser asks for ("zh-CN,zh;q=0.9", …)."""
    chinese = language.lower().startswith("zh")
    return (CHINESE.get(sentence, sentence) if chinese else sentence).format(**values)


def say_failure(language: str, failure: UpscaleError) -> str:
    return say(language, failure.sentence, **failure.values)

"""Every sentence of the program that a visitor can meet, in Chinese. The English sentence, before its values are filled in, is the key."""

CHINESE = {
    "Which would you rather see in a shop?": "您更愿意在商店里看到哪一张？",
    "This is the original. Which of the two is closer to it?": "这是原图。两张中哪一张更接近它？",
    "Pair {round} of {rounds}": "第 {round} 对，共 {rounds} 对",
    "No difference": "没有区别",
    "Thank you. These were the models:": "谢谢。参加的模型如下：",
    "Shown": "出现次数",
    "Rather seen": "更愿意看到",
    "Closer": "更接近",
    "Save the answers": "保存答案",
    "Once more": "再来一次",
    "{done} pairs are ready …": "已准备好 {done} 对 …",
    "Blind test: {name}": "盲测：{name}",
    "Parts of {side} × {side} pixels were made {scale} times smaller, saved as JPEG, and enlarged again by two models each.": (
        "{side} × {side} 像素的局部先缩小为 1/{scale}，存为 JPEG，再分别由两个模型放大。"
    ),
    "The photo has {found} pixels; a blind test needs at least {limit} on each side. Choose a larger photo.": (
        "照片为 {found} 像素；盲测要求每边至少 {limit} 像素。请选择更大的照片。"
    ),
    "Please note": "请注意",
    "Upload a photo first.": "请先上传一张照片。",
    "Stopped.": "已停止。",
    "It shows only {percent} % of the photo; {least} % are needed.": "它只拍到照片的 {percent}%，至少需要 {least}%。",
    "It shows something else than the photo, or another side of it, or it was taken from much nearer or farther.": (
        "它拍的不是照片中的内容，或是另一面，或拍摄距离相差太远。"
    ),
    "It brings no new information: it is a copy of the photo, or of a shot that is used already.": (
        "没有新的信息：它是这张照片的副本，或是已采用的照片的副本。"
    ),
    "{used} of {given} other shots were used: {some:.0%} of the detail is confirmed by at least one of them, {all:.0%} by every one.": (
        "采用了 {given} 张其他照片中的 {used} 张：{some:.0%} 的细节至少由其中一张证实，{all:.0%} 由每一张证实。"
    ),
    "{used} of {given} other shots was used: {some:.0%} of the detail is confirmed by it.": (
        "采用了 {given} 张其他照片中的 {used} 张：它证实了 {some:.0%} 的细节。"
    ),
    "Of {given} other shots none could be used: the result is that of the photo alone.": (
        "{given} 张其他照片均无法采用：结果仅来自这张照片本身。"
    ),
    "{count} other shots were given; up to {most} are put together. Give fewer.": (
        "提供了 {count} 张其他照片，最多可合成 {most} 张。请减少数量。"
    ),
    "“{model}” invents texture, of which no two shots would show the same. Choose cnn or cnn-fast, or give one photo alone.": (
        "“{model}”会虚构纹理，各张照片的纹理不会一致。请选择 cnn 或 cnn-fast，或只提供一张照片。"
    ),
    "It is another shot of its group, and goes into the result of the group's first photo.": (
        "它是本组的另一张照片，用于该组第一张照片的结果。"
    ),
    "{used} of {given} shots used": "采用了 {given} 张中的 {used} 张",
    "Remove {name}": "移除 {name}",
    "used": "已采用",
    "The look “{look}” changed colours: the background's by ΔE {behind:.1f} on average, the product's by ΔE {product:.1f}. "
    "Not for colour-critical goods; what the faithful mode promises holds for the enlargement before it only.": (
        "色调“{look}”改变了颜色：背景平均 ΔE {behind:.1f}，商品平均 ΔE {product:.1f}。"
        "不适用于对颜色要求严格的商品；忠实模式的保证只对此前的放大结果有效。"
    ),
    "The look “{look}” changed nothing: no even background was found, or it is as it should be. The product changes if asked for.": (
        "色调“{look}”未改变任何内容：没有找到均匀的背景，或背景已是这样的颜色。商品仅在要求时改变。"
    ),
    "The look asks for changes of up to {found:.0f} levels of 255. No colour changes by more than {most:.0f}.": (
        "该色调要求最多改变 {found:.0f} 级（共 255 级）。任何颜色的改变都不超过 {most:.0f} 级。"
    ),
    "The look changed the product's colours by ΔE {found:.1f} on average; up to {limit:.1f} is expected. Compare it with the product.": (
        "色调使商品颜色平均改变 ΔE {found:.1f}，预期不超过 {limit:.1f}。请与实物比较。"
    ),
    "A look of your own is a .cube file. Bring it, or choose another look.": "自己的色调是一个 .cube 文件。请上传，或选择其他色调。",
    "There is no look “{look}”. Choose {names}, or give a .cube file.": "没有色调“{look}”。请选择 {names}，或提供 .cube 文件。",
    "The look is no .cube file that can be read: {reason}.": "该色调不是可读取的 .cube 文件：{reason}。",
    "“{text}” is no share. Give a number from 0 to 1.": "“{text}”不是 0 到 1 之间的数字。请输入这样的数字。",
    "Colour of the background, by the look": "背景颜色，因色调而变",
    "Colour of the product, by the look": "商品颜色，因色调而变",
    "This page is open to everybody, so photos of up to {limit:g} megapixels are compared and checked, and this one has {asked}. "
    "Crop it first.": "本页面对所有人开放，因此只比较和检查不超过 {limit:g} 百万像素的照片，而这张有 {asked} 百万像素。请先裁剪。",
    "{done} of {total} uploaded …": "已上传 {done} / {total} ……",
    "Several photos, or a ZIP of them, are enlarged together on this tab.": "多张照片或 ZIP 在此标签页中一起放大。",
    "A catalogue is under way. Please bring these photos when it is finished.": "正在批量放大。请在完成后再添加这些照片。",
    "Up to {photos} photos at a time, and ZIPs of photos; each file up to {limit} MB. For more, there is the command line.": (
        "一次最多 {photos} 张照片，也可用 ZIP；每个文件最大 {limit} MB。更多照片请使用命令行。"
    ),
    "Up to {photos} photos or a ZIP of them, {megapixels:g} megapixels together, each file up to {limit} MB. "
    "All is deleted after an hour.": (
        "最多 {photos} 张照片或其 ZIP，合计 {megapixels:g} 百万像素，每个文件最大 {limit} MB。全部在一小时后删除。"
    ),
    "{count} photos, {megapixels} megapixels": "{count} 张照片，{megapixels} 百万像素",
    "about {time} here": "在此约需 {time}",
    "{done} of {total} photos": "已完成 {done} / {total} 张",
    ", about {time} left": "，约剩 {time}",
    "{count} seconds": "{count} 秒",
    "{count} minutes": "{count} 分钟",
    "**{done} of {total} photos are enlarged.**": "**{total} 张照片中已放大 {done} 张。**",
    "{count} could not be enlarged: see why, first in the list.": "{count} 张未能放大，原因已注明，排在最前。",
    "Please look at {count} before you use them.": "有 {count} 张请在使用前查看。",
    "Stopped before {count} were finished: the ZIP holds the others.": "已停止，{count} 张未完成；ZIP 中是其余照片。",
    "{count} other files are left out.": "另有 {count} 个文件未处理。",
    "The photos of the catalogue": "批量照片",
    "Before and after": "放大前后",
    "en": "zh-CN",
    "Catalogue": "批量放大",
    "Search": "搜索",
    "all": "全部",
    "skipped": "未处理",
    "Each photo will stand here with its before, its after and its verdict.": "每张照片的放大前后与结论将显示在这里。",
    "waiting": "等待",
    "at work …": "处理中……",
    "failed": "失败",
    "please look": "请查看",
    "done": "完成",
    "fine": "良好",
    "left out": "未处理",
    "not finished": "未完成",
    "It was large enough already: nothing was added.": "照片已足够大，未添加任何内容。",
    "It was not finished: the catalogue was stopped before.": "未完成：批量任务已提前停止。",
    "It was not finished: this server has no room for more results.": "未完成：此服务器已没有空间存放更多结果。",
    "This photo could not be enlarged, for a reason that nobody foresaw.": "这张照片未能放大，原因未曾预料。",
    "This page is open to everybody, so the results of a catalogue may have {limit} megabytes, and those before this photo have more. "
    "Choose a smaller scale or JPEG, or drop the photos in parts.": (
        "本页面对所有人开放，因此一次批量的结果不超过 {limit} MB，而此前的结果已超过。请选择较小的倍数或 JPEG，或分批处理。"
    ),
    "These are {count} photos, and up to {most} are taken at a time. Drop them in parts, or use the command line on a machine of your own: "
    "it takes any number.": "共有 {count} 张照片，一次最多 {most} 张。请分批处理，或在自己的电脑上使用命令行，数量不限。",
    "The ZIP “{name}” holds no photo.": "ZIP“{name}”中没有照片。",
    "The ZIP “{name}” is damaged, or no ZIP. Pack it again.": "ZIP“{name}”已损坏或不是 ZIP。请重新打包。",
    "The ZIP “{name}” could not be read ({reason}).": "无法读取 ZIP“{name}”（{reason}）。",
    "The ZIP “{name}” holds {count} files of {size} megabytes in all; up to {most} files and {limit} megabytes are unpacked here.": (
        "ZIP“{name}”含 {count} 个文件，共 {size} MB；此处最多解压 {most} 个文件、{limit} MB。"
    ),
    "“{name}” has more than {limit} megabytes.": "“{name}”超过 {limit} MB。",
    "“{name}” could not be taken out of “{zip}” ({reason}).": "无法从“{zip}”中取出“{name}”（{reason}）。",
    "This page is open to everybody, so all photos together may take {limit:g} megapixels through the network, and these would take "
    "{asked}. Drop them in parts; cnn-fast takes about {times} times as much as cnn.": (
        "本页面对所有人开放，因此全部照片合计最多处理 {limit:g} 百万像素的网络运算，而这些需要 {asked}。"
        "请分批处理；cnn-fast 可处理约为 cnn 的 {times} 倍。"
    ),
    "“{name}” was not written by this catalogue, and is not overwritten. Give another folder.": (
        "“{name}”不是此批量任务写入的，不会被覆盖。请指定其他文件夹。"
    ),
    "“{name}” is no folder, and no {kinds} file. Give one of these.": "“{name}”不是文件夹，也不是 {kinds} 文件。请提供其中之一。",
    "“{name}” is empty (0 bytes).": "“{name}”是空文件（0 字节）。",
    "The table “{name}” has no column “path” or “url”. It has: {columns}.": "表格“{name}”没有“path”或“url”列。现有列：{columns}。",
    "The table “{name}” is not in UTF-8. Save it as “CSV UTF-8”.": "表格“{name}”不是 UTF-8 编码。请另存为“CSV UTF-8”。",
    "Results beside the photos of “{source}” would be taken for photos the next time. Give a folder inside of it, or another one.": (
        "结果若与“{source}”中的照片放在一起，下次会被当作照片。请指定其中的子文件夹，或其他文件夹。"
    ),
    "The table “{name}” could not be read ({reason}).": "无法读取表格“{name}”（{reason}）。",
    "There is no folder, ZIP or table “{name}”. Check the path and try again.": "没有文件夹、ZIP 或表格“{name}”。请检查路径后重试。",
    "It is no photo.": "不是照片。",
    "A system left it beside photos.": "系统留下的文件。",
    "It is an archive inside of the archive: unpack it first.": "压缩包中的压缩包：请先解压。",
    "“{name}” is larger than the {limit} megabytes that are taken. Please make the photo smaller first.": (
        "“{name}”超过 {limit} MB 的上限。请先把照片缩小。"
    ),
    "“{name}” could not be uploaded. Please try again.": "“{name}”未能上传。请重试。",
    "up to {size}": "最大 {size}",
    "{size} · about {seconds} s here": "{size} · 在此约 {seconds} 秒",
    "{seconds} s": "{seconds} 秒",
    "Fast is chosen, since best would take about {seconds} s here.": "已选快速，因为最佳在此约需 {seconds} 秒。",
    "{model} suits this photo: much of this part is fine strokes, as in writing or knitting, and these must not be guessed.": (
        "{model}适合这张照片：此局部有许多细密笔画（如文字或针织），不能靠猜测。"
    ),
    "{model} suits this photo: it is strongly compressed, and texture would be guessed from what compression left.": (
        "{model}适合这张照片：文件压缩严重，纹理只能从压缩残留中猜测。"
    ),
    "{model} suits this photo: fine texture covers {share:.0%} of this part and becomes crisp. What the photo does not hold is invented.": (
        "{model}适合这张照片：细密纹理占此局部的 {share:.0%}，会变得清晰。照片中没有的内容属于虚构。"
    ),
    "{model} suits this photo: here both models give nearly the same, and this one invents nothing.": (
        "{model}适合这张照片：两种模型在此几乎相同，而它不虚构任何内容。"
    ),
    "{model} suits this photo: it has clear edges and calm surfaces, and little texture to add.": (
        "{model}适合这张照片：边缘清楚、表面平整，没有多少纹理可补充。"
    ),
    "Without a model": "不用模型",
    "suits it": "推荐",
    "plain enlargement": "普通放大",
    "CNN": "CNN",
    "GAN": "GAN",
    "This page is open to everybody, so a run may take {limit:g} megapixels through the network, and this one would take {asked}. "
    "With these choices a photo of up to {fits} megapixels fits; cnn-fast takes about {times} times as much as cnn.": (
        "本页面对所有人开放，因此一次任务最多处理 {limit:g} 百万像素的网络运算，而此任务需要 {asked}。"
        "按当前选项，照片最大可为 {fits} 百万像素；cnn-fast 可处理约为 cnn 的 {times} 倍。"
    ),
    "{count} downloads from the Hub are under way already. Try again in a minute, or choose another model.": (
        "已有 {count} 个来自 Hub 的下载正在进行。请一分钟后重试，或选择其他模型。"
    ),
    "Downloading {place}": "正在下载 {place}",
    "This server has no room for more files now. Please try again in a few minutes, with a smaller photo or result.": (
        "服务器暂时没有空间存放更多文件。请几分钟后重试，或使用较小的照片或结果。"
    ),
    "This server was asked for by a name that is not its own. Open it as localhost or 127.0.0.1, "
    "or start it with --allow-host and the name.": (
        "访问本服务器所用的名称不属于它。请用 localhost 或 127.0.0.1 打开，或在启动时用 --allow-host 加上该名称。"
    ),
    "There is no such run: each answer can be fetched once, and soon. Please ask for it again.": (
        "没有这个任务：每个结果只能获取一次，且须及时获取。请重新提交。"
    ),
    "This server is being closed. Please try again in a minute.": "服务器正在关闭。请一分钟后重试。",
    "Please log in first.": "请先登录。",
    "Too many wrong logins. Please wait {seconds} seconds, then try again.": "登录错误次数过多。请等待 {seconds} 秒后重试。",
    "“{name}” is not here any more: photos are deleted when a visit is over. Please upload it again.": (
        "“{name}”已不在这里：访问结束后照片会被删除。请重新上传。"
    ),
    "Photos are not fetched from other addresses. Upload the photo to this server, or write it as a data URL.": (
        "不会从其他地址获取照片。请把照片上传到本服务器，或写成 data URL。"
    ),
    "That is neither an upload of this server nor a photo in base64. Upload a photo first.": (
        "这既不是上传到本服务器的文件，也不是 base64 编码的照片。请先上传一张照片。"
    ),
    "A photo in a call may have up to {limit} megabytes. Upload it instead.": "调用中直接附带的照片最大 {limit} MB。请改为上传。",
    "That is more than the maximum allowed size of {limit} megabytes. Please make the photo smaller first.": (
        "超过了允许的最大值 {limit} MB。请先缩小照片。"
    ),
    "The upload was interrupted.": "上传中断。",
    "This server does not do that: it fetches nothing from other addresses, and keeps no history.": (
        "本服务器不提供此功能：它不从其他地址获取任何内容，也不保留历史记录。"
    ),
    "The question was not understood. Which names and values there are stands under “Use via API” on the page.": (
        "无法理解该请求。可用的名称和取值见页面上的“通过 API 使用”。"
    ),
    "{count} of your runs are waiting or under way already. Please wait until one of them is done.": (
        "您已有 {count} 个任务在等待或进行中。请等其中一个完成。"
    ),
    "No GPU is free for you now ({reason}): the processor does it, which takes longer.": (
        "现在没有空闲的 GPU（{reason}）：改由处理器完成，用时较长。"
    ),
    "{before} → {after} pixels · {model} {scale}× · {seconds} s": "{before} → {after} 像素 · {model} {scale}× · {seconds} 秒",
    "Shown at {size} pixels; the download has them all.": "页面显示 {size} 像素；下载的文件包含全部像素。",
    "Example: {line}": "示例：{line}",
    "An example is being enlarged …": "正在放大示例……",
    "Before": "之前",
    "After": "之后",
    "New detail": "新增细节",
    "Before and after will stand here, once your photo is enlarged.": "照片放大后，这里会显示前后对比。",
    "The photo, enlarged without a model": "不用模型放大的照片",
    "The photo, enlarged by the chosen model": "由所选模型放大的照片",
    "The result, tinted where it has detail that the photo does not hold": "结果，照片中没有的细节处已着色",
    "Divider between before and after": "前后对比分界线",
    "{before} % before, {after} % after": "之前占 {before}%，之后占 {after}%",
    "Fit": "适合窗口",
    "100 %": "100%",
    "Hold to see before": "按住看之前",
    "Lens": "放大镜",
    "Full screen": "全屏",
    "Copy both": "复制对比图",
    "Save both": "保存对比图",
    "Before and after were copied, side by side: paste them into a mail or a chat.": "已复制前后对比图：可粘贴到邮件或聊天中。",
    "Nothing could be copied here: before and after were saved instead, side by side.": "此处无法复制：已改为保存前后对比图。",
    "Leave full screen": "退出全屏",
    "Drag or click · arrow keys · hold B for before · L for the lens · double-click for 100 %": (
        "拖动或点击 · 方向键 · 按住 B 看之前 · L 为放大镜 · 双击看 100%"
    ),
    "“{name}” has {width} × {height} pixels; to check {scale}×, at least {limit} are needed on each side. Choose a smaller scale "
    "or a larger original.": (
        "“{name}”为 {width} × {height} 像素；检验 {scale} 倍时每边至少需要 {limit} 像素。请选择较小的倍数或较大的原图。"
    ),
    "{original} pixels, shrunk to {small} ({how}), enlarged {scale}× by every model": (
        "{original} 像素，缩小到 {small}（{how}），再由每个模型放大 {scale} 倍"
    ),
    "The original is large: only its middle is used.": "原图较大：只使用其中间部分。",
    "“{shrinking}” is no way to shrink a photo. Choose bicubic, box, jpeg or camera.": (
        "“{shrinking}”不是缩小方式。请选择 bicubic、box、jpeg 或 camera。"
    ),
    "“{quality}” is no quality of a JPEG. Choose 1 to 100.": "“{quality}”不是 JPEG 质量。请选择 1 到 100。",
    "{name} has a side of less than {limit} pixels: too little to score.": "{name} 有一边不足 {limit} 像素：太小，无法评分。",
    "{name}: {scale} times the small photo is {width} × {height} pixels, more than the original has. "
    "Give the folder that was made for this scale.": (
        "{name}：小图的 {scale} 倍为 {width} × {height} 像素，超过原图。请指定为此倍数制作的文件夹。"
    ),
    "The folder “{folder}” should hold one small photo named {name}, but holds {count}.": (
        "文件夹“{folder}”中应有一张名为 {name} 的小图，实际有 {count} 张。"
    ),
    "one shot": "一张",
    "mean of {count} shots": "{count} 张的平均",
    "{count} shots together": "{count} 张合用",
    "back-projection of {count} shots": "{count} 张的反投影",
    "Original": "原图",
    "Edges": "边缘",
    "Calm": "平静",
    "Overshoot": "过冲",
    "Seconds": "秒",
    "{done} of {total} models …": "{done} / {total} 个模型…",
    "{width} × {height} pixels around ({x}, {y}), enlarged {scale}×.": "({x}, {y}) 周围 {width} × {height} 像素，放大 {scale} 倍。",
    "Uploaded photos are never put into a link.": "上传的照片绝不会放入链接。",
    "{name}: the same crop through {total} models": "{name}：{total} 个模型处理的同一局部",
    "The photo": "原照片",
    "{width} × {height} pixels; the frame is what is compared": "{width} × {height} 像素；框内为对比的局部",
    "Nearest neighbour": "最近邻",
    "Bicubic": "双三次",
    "Lanczos": "Lanczos",
    "Network from the Hub": "Hub 上的网络",
    "“{name}” is a Parquet table, and pyarrow, which reads these, is not installed: pip install pyarrow, or give a CSV.": (
        "“{name}”是 Parquet 表格，而读取它的 pyarrow 没有安装：请运行 pip install pyarrow，或改用 CSV。"
    ),
    "for clean photos": "适合无压缩照片",
    "for photos from the web": "适合来自网络的照片",
    "time": "用时",
    "agrees by construction: nothing is added": "方法本身保证一致：不添加任何内容",
    "new detail": "新增细节",
    "the same": "相同",
    "colours": "颜色",
    "A plain enlargement only spreads the photo’s own pixels, so it agrees with the photo and stays soft. Of a network, new detail is "
    "the share of what is seen that is sharper than that: steeper edges, finer texture. Its colours are the same where no eye sees a "
    "difference to the photo (ΔE below 1) once the crop is reduced again. The time is that of this crop.": (
        "普通放大只是把照片自己的像素铺开，因此与照片一致，但画面偏软。对于网络，“新增细节”是所见内容中比普通放大更清晰的部分："
        "更陡的边缘、更细的纹理。局部重新缩小后，若与照片的色差小到肉眼看不出（ΔE 小于 1），则颜色“相同”。用时仅指此局部。"
    ),
    "Made small again, the result looks just like your photo.": "缩小回去，结果看起来与您的照片相同。",
    "{share:.0%} of the detail in it is new: sharper edges, finer texture.": "其中 {share:.0%} 的细节是新增的：更清晰的边缘、更细的纹理。",
    "Verdict": "结论",
    "Please look at the result before you use it:": "使用前请先检查结果：",
    "agreement: the result reduced again, against the photo (LR-PSNR)": "一致性：结果缩小后与照片相比（LR-PSNR）",
    "agreement: the result reduced again, against what the compressed photo can mean (LR-PSNR)": (
        "一致性：结果缩小后，与压缩照片可能代表的画面相比（LR-PSNR）"
    ),
    "Against the file's own pixels, compression noise included (LR-PSNR)": "与文件本身的像素（含压缩噪声）相比（LR-PSNR）",
    "mean colour difference; 1 can just be seen": "平均色差；1 刚好可以察觉",
    "of the pure white kept": "的纯白得以保留",
    "no pure white in the photo": "照片中没有纯白",
    "of the detail is new: steeper edges, as any sharp enlargement has, and finer texture": (
        "的细节是新增的：更陡的边缘（清晰的放大都会有），以及更细的纹理"
    ),
    "New detail where the photo is calm": "照片平静处的新增细节",
    "The network's own output, before it was corrected (LR-PSNR)": "网络本身的输出，校正之前（LR-PSNR）",
    "Nearly all that is seen is invented: {found:.0%} of the detail is not the photo's; up to {limit:.0%} is expected.": (
        "所见几乎都是虚构的：{found:.0%} 的细节不属于照片；最多应为 {limit:.0%}。"
    ),
    "Where the photo is calm, the result is not: {found:.1f} levels of detail were added; up to {limit:.1f} are expected. "
    "Look for stripes, dots or grain.": (
        "照片平静之处，结果并不平静：新增了 {found:.1f} 级细节；最多应为 {limit:.1f} 级。请查找条纹、斑点或颗粒。"
    ),
    "The pixels stand in a wrong order: as they stand, they fit the photo to {found:.0%} only; {limit:.0%} are expected. "
    "Look for a fine grid.": ("像素的排列顺序有误：照现在的顺序，它们与照片只有 {found:.0%} 相符；应达到 {limit:.0%}。请查找细密的网格。"),
    "Order of the pixels": "像素的排列顺序",
    "Pixels are swapped: somewhere in each block two fit the photo to {found:.0%} only; {limit:.0%} are expected. Look for a fine grid.": (
        "像素被互换：每个像素块中某处的两个像素与照片只有 {found:.0%} 相符；应达到 {limit:.0%}。请查找细密的网格。"
    ),
    "Colours are noisy nearly everywhere: {found:.1f} levels of it were added; up to {limit:.1f} are expected. "
    "Look for coloured grain or stripes.": ("几乎处处都有颜色噪声：增加了 {found:.1f} 级；最多应为 {limit:.1f} 级。请查找彩色颗粒或条纹。"),
    "The same pattern was added all over the picture: {found:.1f} levels of it; up to {limit:.1f} is expected. "
    "Look for stripes or a grid.": ("整幅图像都被加上了同一图案：{found:.1f} 级；最多应为 {limit:.1f} 级。请查找条纹或网格。"),
    "How much of a look is wanted was said, but no look. Choose one, or leave this out.": (
        "给出了色调的强弱，却没有选色调。请选择一种，或去掉此项。"
    ),
    "Pattern added to all of the picture": "加到整幅图像上的图案",
    "The network drew another picture, and the correction hides it. It agreed to {found:.1f} dB only; {limit:.1f} dB are expected.": (
        "网络画出了另一幅图，而校正掩盖了这一点。一致性只有 {found:.1f} dB；应达到 {limit:.1f} dB。"
    ),
    "The network drew another picture, and the correction hides it. Its colours differed by ΔE {found:.2f} on average; up to "
    "{limit:.2f} is expected.": ("网络画出了另一幅图，而校正掩盖了这一点。平均色差为 ΔE {found:.2f}；最多应为 {limit:.2f}。"),
    "The network drew another picture, and the correction hides it. It had a colour cast of {found:.1f} levels of 255; up to "
    "{limit:.1f} are expected.": ("网络画出了另一幅图，而校正掩盖了这一点。偏色 {found:.1f} 级（共 255 级）；最多应为 {limit:.1f} 级。"),
    "The network drew another picture, and the correction hides it. It lay {found:.2f} pixels of the photo beside it; up to "
    "{limit:.2f} are expected.": (
        "网络画出了另一幅图，而校正掩盖了这一点。与照片错开 {found:.2f} 个像素（照片的像素）；最多应为 {limit:.2f} 个。"
    ),
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
    "Adds to the mean of the shots": "对各张平均的补充",
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
    "Colours differ by ΔE {found:.2f} on average; up to {limit:.2f} is expected.": ("平均色差为 ΔE {found:.2f}；最多应为 {limit:.2f}。"),
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
    "PASS": "通过",
    "REVIEW": "请检查",
    "colour lock": "锁定颜色",
    "exact": "精确",
    "off": "关闭",
    "Where the photo is transparent, each channel of `split()` is exact.": "照片透明处，split() 的每个通道都是精确的。",
    "Only {found:.2%} of the pure white stayed pure white.": "只有 {found:.2%} 的纯白保持纯白。",
    "The picture moved by {found:.2f} pixels of the photo; up to {limit:.2f} are expected.": (
        "图片移动了 {found:.2f} 个照片像素；最多应为 {limit:.2f}。"
    ),
    "There is no folder “{folder}”. Give the folder that holds the photos.": "找不到文件夹“{folder}”。请指定照片所在的文件夹。",
    "The folder “{folder}” could not be read ({reason}).": "无法读取文件夹“{folder}”（{reason}）。",
    "“{folder}” holds no photo ({formats}).": "“{folder}”中没有照片（{formats}）。",
    "“{name}” has more than {limit} megabytes. Please make it smaller first.": "“{name}”超过 {limit} MB。请先缩小。",
    "“{name}” could not be opened ({reason}).": "无法打开“{name}”（{reason}）。",
    "“{name}” is a camera raw file, and only its small preview could be read. "
    "Develop it in a raw converter, and save it as JPEG, PNG or TIFF.": (
        "“{name}”是相机 RAW 文件，只能读出其中的小预览图。请用 RAW 转换软件处理后，另存为 JPEG、PNG 或 TIFF。"
    ),
    "“{name}” is HEIC, which is read where pillow-heif is installed (pip install pillow-heif). Please save it as JPEG.": (
        "“{name}”是 HEIC 图片，安装了 pillow-heif 才能读取（pip install pillow-heif）。请另存为 JPEG。"
    ),
    "“{name}” is of a kind of TIFF that is not read ({kind}). Please save it as RGB with 8 or 16 bits a channel.": (
        "“{name}”属于无法读取的 TIFF 类型（{kind}）。请另存为每通道 8 位或 16 位的 RGB。"
    ),
    "“{name}” is a JPEG with {bits} bits a channel, and only those with 8 are read. Please save it as PNG or TIFF.": (
        "“{name}”是每通道 {bits} 位的 JPEG，本程序只读取 8 位的 JPEG。请另存为 PNG 或 TIFF。"
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
    "“{name}” could not be written ({reason}). Check the folder and the free space.": (
        "无法写入“{name}”（{reason}）。请检查文件夹和剩余空间。"
    ),
    "The result would have {width} × {height} pixels; up to {limit} megapixels are made. Choose a smaller scale or photo.": (
        "结果将有 {width} × {height} 像素；最多生成 {limit} 百万像素。请选择较小的倍数或照片。"
    ),
    "The scale {scale} is not offered. Choose one of {scales}.": "不支持 {scale} 倍。请选择：{scales}。",
    "“{input}” is no kind of input. Choose auto, clean or web.": "“{input}”不是照片类型。请选择 auto、clean 或 web。",
    "{seconds} s, {device}": "{seconds} 秒，{device}",
    "There is no model “{model}”. Choose one of {families}, or an id that “python -m sr_models models” lists.": (
        "没有模型“{model}”。请选择：{families}，或“python -m sr_models models”列出的编号。"
    ),
    "“{model}” enlarges by {offered}, not by {scale}. Choose that scale or another model.": (
        "“{model}”放大 {offered} 倍，而不是 {scale} 倍。请换倍数或模型。"
    ),
    "“{model}” has no weights for {input} photos at {scale}×. Choose auto, or another model.": (
        "“{model}”在 {scale} 倍下没有适合 {input} 照片的权重。请选择“由文件判断”或其他模型。"
    ),
    "“{name}” is a device or a pipe. Give a file.": "“{name}”是设备或管道。请给出文件。",
    "“{suffix}” is no suffix of a photo. Did you mean {meant}?": "“{suffix}”不是图片后缀。您是否想用 {meant}？",
    "“{name}” is no device. Choose auto, cpu or cuda.": "“{name}”不是设备。请选择 auto、cpu 或 cuda。",
    "“{count}” is no number of threads. Give a whole number from 1 to {limit}.": "“{count}”不是线程数。请给出 1 到 {limit} 的整数。",
    "There is no CUDA GPU that PyTorch can use on this machine. Choose auto or cpu.": (
        "本机没有 PyTorch 可用的 CUDA GPU。请选择 auto 或 cpu。"
    ),
    "The weights {id} are missing: {file} should lie in weights/. Fetch the project again.": (
        "缺少权重 {id}：weights/ 中应有 {file}。请重新获取本项目。"
    ),
    "The weights {id} are damaged or not ours: SHA-256 {found}… where {expected}… was expected. Fetch {file} again.": (
        "权重 {id} 已损坏或来源不明：SHA-256 为 {found}…，应为 {expected}…。请重新获取 {file}。"
    ),
    "“{level}” is no faithful mode. Choose off, colour or exact.": "“{level}”不是忠实模式。请选择 off、colour 或 exact。",
    "The weights {id} do not fit their network: {reason}": "权重 {id} 与网络不符：{reason}",
    "The photo is CMYK: it was converted to sRGB through its own profile, “{profile}”.": (
        "照片为 CMYK：已通过自带的配置文件“{profile}”转换为 sRGB。"
    ),
    "The photo is CMYK without a usable profile: it was read as coated offset print (FOGRA39) and converted to sRGB.": (
        "照片为 CMYK，但没有可用的配置文件：已按涂布纸胶印（FOGRA39）读取，并转换为 sRGB。"
    ),
    "The photo is grey with a profile of its own, “{profile}”: it was converted to sRGB.": (
        "照片为灰度图，自带配置文件“{profile}”：已转换为 sRGB。"
    ),
    "The photo is Lab: it was converted to sRGB.": "照片为 Lab：已转换为 sRGB。",
    "The colour profile of the photo is damaged or for another kind of picture: its colours were read as sRGB.": (
        "照片的颜色配置文件已损坏，或不适用于这类图片：颜色已按 sRGB 读取。"
    ),
    "The photo has more than 8 bits a channel; the result has 8.": "照片每通道多于 8 位；结果为 8 位。",
    "The file states its colours by {means}, in a way that is not read: they were taken as sRGB and may be off. "
    "Save it as sRGB, or with an ICC profile.": (
        "文件以 {means} 说明了颜色，但这种方式无法读取：颜色按 sRGB 处理，可能有偏差。请另存为 sRGB，或附上 ICC 配置文件。"
    ),
    "The file states its colours by {means} ({name}): they are kept, and the result has a profile that says the same.": (
        "文件通过 {means} 说明颜色（{name}）：颜色保持不变，结果带有含义相同的配置文件。"
    ),
    "The photo is HDR ({transfer}): it was fitted to an ordinary screen and to sRGB. "
    "White paper (203 nits) keeps half of its light, and {peak} nits become white.": (
        "照片为 HDR（{transfer}）：已适配普通屏幕和 sRGB。白纸（203 尼特）保留一半亮度，{peak} 尼特成为白色。"
    ),
    "The file states that its black and white are 16 and 235, as in video: they became 0 and 255, and what lay beyond them was cut off.": (
        "文件说明其黑与白为 16 和 235（视频范围）：已转换为 0 和 255，超出部分已截去。"
    ),
    "The file has more channels than colours and transparency: they were left out.": "文件中除颜色和透明度外还有其他通道：已略去。",
    "The photo holds a gain map for HDR screens: the result is what ordinary screens show, without it.": (
        "照片带有用于 HDR 屏幕的增益图：结果与普通屏幕所示相同，不含增益图。"
    ),
    "The file is damaged in places: what could not be read of it is missing.": "文件局部损坏：无法读取的部分已缺失。",
    "The file holds several pictures: the first one was read.": "文件中有多张图片：读取的是第一张。",
    "Detail": "细节",
    "A detail of {detail} is not offered. Give a number from 0 (as the photo) to 1 (crispest).": (
        "细节不能设为 {detail}。请给出 0（忠于照片）到 1（最清晰）之间的数。"
    ),
    "{steps} steps are not offered. Give a whole number from 1 to {most}.": "次数不能设为 {steps}。请给出 1 到 {most} 之间的整数。",
    "“{model}” gains nothing by looking again: it invents texture, or is a formula. Choose cnn or cnn-fast, or one step.": (
        "“{model}”多次查看并无益处：它会虚构纹理，或只是公式。请选择 cnn 或 cnn-fast，或只查看一次。"
    ),
    "Looks at the photo": "查看照片的次数",
    "“{model}” has no detail dial. Choose gan, or leave the detail out.": "“{model}”没有细节调节。请选择 gan，或不要设置细节。",
    "The protected places have {found} pixels, the photo {photo}. Mark them on the same photo.": (
        "保护区域为 {found} 像素，照片为 {photo} 像素。请在同一张照片上标出。"
    ),
    "{before} → {after} pixels · not enlarged": "{before} → {after} 像素 · 未放大",
    "“{text}” is no size. Give width and height in pixels, such as 1600x1200.": "“{text}”不是尺寸。请给出宽和高（像素），例如 1600x1200。",
    "“{how}” is no way to bring a photo into a size. Choose fit, fill or pad.": ("“{how}”不是适配尺寸的方式。请选择 fit、fill 或 pad。"),
    "A picture of {width} × {height} pixels is not possible. Give sides of 1 pixel or more.": (
        "{width} × {height} 像素的图片不存在。每边至少应为 1 像素。"
    ),
    "{factor} times is not offered. Give a factor of up to {limit}.": "不支持 {factor} 倍。倍数最大为 {limit}。",
    "For this size a picture of {width} × {height} pixels would have to be made; up to {limit} megapixels are. Choose a smaller "
    "size or photo.": ("为达到此尺寸需要生成 {width} × {height} 像素的图片；最多生成 {limit} 百万像素。请选择较小的尺寸或照片。"),
    "The photo has {photo} pixels and would have to become {needed} times as large; up to {limit} times are made. Choose a smaller "
    "size or a larger photo.": ("照片为 {photo} 像素，需要放大 {needed} 倍；最多放大 {limit} 倍。请选择较小的尺寸或较大的照片。"),
    "The photo was large enough: it was not enlarged, and there is nothing to report.": "照片已经足够大：没有放大，也就没有可报告的内容。",
    "The enlargement of {before} pixels was brought to {after}. The figures are those of the enlargement: the file itself, reduced, "
    "no longer gives the photo back.": ("{before} 像素的放大结果已调整为 {after}。指标针对放大结果：文件本身缩小后不再还原为照片。"),
    "There is no preset “{id}”. Choose one of {ids}.": "没有平台预设“{id}”。请选择：{ids}。",
    "A size and a marketplace were asked for, which has a size of its own. Leave one of the two out.": (
        "同时指定了尺寸和平台，而平台自有尺寸要求。请只选其一。"
    ),
    "A pure white background is made for a marketplace only. Choose one, or leave it out.": (
        "只有选择平台时才能把背景变为纯白。请选择平台，或取消此项。"
    ),
    "{width} × {height} pixels; {smallest} to {largest} a side are asked for.": (
        "{width} × {height} 像素；要求每边 {smallest} 到 {largest} 像素。"
    ),
    "{width} × {height} pixels; {smallest} to {largest} a side and up to {megapixels} megapixels are asked for.": (
        "{width} × {height} 像素；要求每边 {smallest} 到 {largest} 像素，且不超过 {megapixels} 百万像素。"
    ),
    "{width} × {height} pixels; exactly {smallest} × {smallest} are asked for.": (
        "{width} × {height} 像素；要求正好 {smallest} × {smallest}。"
    ),
    "The product's longer side takes {found:.0%} of the picture's; {low:.0%} to {high:.0%} are asked for.": (
        "商品长边占画面的 {found:.0%}；要求 {low:.0%} 到 {high:.0%}。"
    ),
    "The product has {width} × {height} pixels; more than {limit} each way are asked for.": (
        "商品为 {width} × {height} 像素；要求两个方向都大于 {limit} 像素。"
    ),
    "The product could not be told from what is around it: look yourself whether it is large enough.": (
        "无法把商品与周围区分开：请自行确认商品是否足够大。"
    ),
    "The whole product is in the picture.": "商品完整地位于画面中。",
    "Something meets the photo's edge along {cut:.0%} of it: is the product cut off?": (
        "照片边缘有 {cut:.0%} 与某物相接：商品是否被裁掉了一部分？"
    ),
    "{share:.1%} of the background is too dark to be made pure white. Cut the product out, or photograph it on white.": (
        "背景有 {share:.1%} 太暗，无法变为纯白。请抠出商品，或在白色背景上拍摄。"
    ),
    "Enlarged {factor} times, in two passes: most of what is seen close up is guessed, and faults of the photo grow with it. "
    "Take a larger photo, or a smaller size.": (
        "分两次共放大 {factor} 倍：近看时大部分内容是推测出来的，照片的瑕疵也随之放大。请使用更大的照片，或选择较小的尺寸。"
    ),
    "The background is pure white.": "背景为纯白。",
    "{share:.1%} of the background is not pure white. “Make the background pure white” changes what is nearly so.": (
        "背景有 {share:.1%} 不是纯白。“背景变为纯白”会修正接近白色的部分。"
    ),
    "The background is not white but about {red}, {green}, {blue}. Cut the product out, or photograph it on white.": (
        "背景不是白色，约为 {red}, {green}, {blue}。请抠图，或在白色背景前拍摄。"
    ),
    "The photo has no even background, and white is asked for. Cut the product out, or photograph it on white.": (
        "照片没有均匀的背景，而平台要求白色。请抠图，或在白色背景前拍摄。"
    ),
    "all {total} rules are kept": "全部 {total} 条规则均已满足",
    "{broken} of {total} rules to look at": "{total} 条规则中有 {broken} 条需要检查",
    "The photo was not enlarged.": "照片没有放大。",
    "An older guide of Walmart says not to enlarge a photo of low resolution to reach its size. Use a larger photo if you have one.": (
        "沃尔玛较早的指南要求不要为达到尺寸而放大低分辨率照片。如果有更大的照片，请使用它。"
    ),
    "Google's product data rules say: don't scale up an image. Use a larger photo, or this one as it is.": (
        "Google 的商品数据规则写明：不要放大图片。请使用更大的照片，或直接使用原照片。"
    ),
    "The file is {format}; accepted: {formats}.": "文件格式为 {format}；接受：{formats}。",
    "The file has {found} KB; up to {most} are accepted.": "文件为 {found} KB；最多接受 {most} KB。",
    "The file has {found} KB; from {least} to {most} are accepted.": "文件为 {found} KB；接受 {least} 到 {most} KB。",
    "The JPEG has quality {found}; {least} or more is asked for.": "JPEG 质量为 {found}；要求 {least} 或以上。",
    "Amazon main image": "亚马逊主图",
    "Walmart main image": "沃尔玛主图",
    "Taobao / Tmall white-background image (白底图)": "淘宝 / 天猫白底图",
    "JD main image (京东主图)": "京东主图",
    "Pinduoduo carousel (拼多多轮播图)": "拼多多轮播图",
    "There is no step “{name}” here. Choose from {steps}.": "这里没有步骤“{name}”。请选择：{steps}。",
    "“{name}” takes a number from {lowest:g} to {highest:g}, not “{number}”. For example: {name}={default:g}.": (
        "“{name}”取 {lowest:g} 到 {highest:g} 之间的数，而不是“{number}”。例如：{name}={default:g}。"
    ),
    "Before the network: {steps}. The figures compare the result with the photo after these steps.": (
        "网络之前的处理：{steps}。指标把结果与经过这些处理的照片比较。"
    ),
    "After the network: {steps}. The figures are those of the result before these steps.": (
        "网络之后的处理：{steps}。指标针对这些处理之前的结果。"
    ),
    "Places were marked on the photo, and it is to be cropped first. Leave one of the two out.": (
        "照片上标出了保护区域，同时又要先裁剪。请只选其一。"
    ),
    "The photo has 16 bits a channel, and {format} holds 8. PNG and TIFF keep them.": (
        "照片每通道 16 位，而 {format} 只能存 8 位。PNG 和 TIFF 可保留 16 位。"
    ),
    "The photo has 16 bits a channel; what was asked for beside the enlargement works with 8, and so the result has 8.": (
        "照片每通道 16 位；除放大以外所要求的处理以 8 位进行，因此结果为 8 位。"
    ),
    "The file is compressed: only PNG, TIFF and lossless WebP keep an exact result exact.": (
        "文件经过有损压缩：只有 PNG、TIFF 和无损 WebP 能保持精确结果。"
    ),
    "Saved as {format} of quality {quality}, the highest that fits into {limit} KB: {found} KB.": (
        "已保存为 {format}，质量 {quality}，是不超过 {limit} KB 的最高质量：{found} KB。"
    ),
    "{format} has no transparency: the picture was laid on {background}.": "{format} 不支持透明：图片已铺在 {background} 底色上。",
    "“{format}” is no format for results. Choose one of {formats}.": "“{format}”不是结果的格式。请选择：{formats}。",
    "{format} has no quality to choose: leave it out, or choose JPEG, WebP or AVIF.": (
        "{format} 没有质量可选：请留空，或选择 JPEG、WebP 或 AVIF。"
    ),
    "“{quality}” is no quality. Choose a whole number from 1 to 100.": "“{quality}”不是质量。请选择 1 到 100 的整数。",
    "“{limit}” is no weight of a file. Choose a whole number of KB, 1 or more.": ("“{limit}”不是文件大小。请给出 1 或以上的整数（KB）。"),
    "“{background}” is no colour. Give red, green and blue, 0 to 255 each.": ("“{background}”不是颜色。请给出红、绿、蓝，各为 0 到 255。"),
    "“{text}” is no colour. Give it as #RRGGBB, such as #ffffff.": "“{text}”不是颜色。请写成 #RRGGBB，例如 #ffffff。",
    "“{text}” is no number. Give one, or nothing.": "“{text}”不是数字。请填写数字，或留空。",
    "{format} holds up to {limit} pixels a side, and the result has {width} × {height}. Choose PNG, or a smaller result.": (
        "{format} 每边最多 {limit} 像素，而结果为 {width} × {height}。请选择 PNG，或较小的结果。"
    ),
    "As {format}, which has no quality to lower, the result weighs {found} KB; at most {limit} KB were asked for. Choose JPEG, WebP "
    "or AVIF, or a smaller result.": (
        "{format} 没有质量可降低，结果为 {found} KB；要求最多 {limit} KB。请选择 JPEG、WebP 或 AVIF，或较小的结果。"
    ),
    "Even at quality {quality}, the {format} weighs {found} KB; at most {limit} KB were asked for. Allow {found} KB, or make the "
    "result smaller.": ("即使质量降到 {quality}，{format} 仍有 {found} KB；要求最多 {limit} KB。请允许 {found} KB，或缩小结果。"),
    "Results are not written as “{suffix}”. Give a name that ends in {suffixes}.": "结果不能保存为“{suffix}”。文件名应以 {suffixes} 结尾。",
    "lossless WebP": "无损 WebP",
    "TIFF": "TIFF",
    "Weights: {id}, embedded.": "权重：{id}，随程序附带。",
    "Weights: {id}, from {repo} on the Hub.": "权重：{id}，来自 Hub 上的 {repo}。",
    "Weights: {id}, stored as int8, from {repo} on the Hub.": "权重：{id}，以 int8 存储，来自 Hub 上的 {repo}。",
    "Weights: {id}, embedded, because {repo} on the Hub did not serve them: {reason}": (
        "权重：{id}，使用随程序附带的文件，因为 Hub 上的 {repo} 未能提供：{reason}"
    ),
    "{id} is a formula without weights.": "{id} 是公式，没有权重。",
    "“{text}” names no repository on the Hub. Give owner/name, or owner/name@revision.": (
        "“{text}”不是 Hub 上的仓库。请写成 owner/name 或 owner/name@revision。"
    ),
    "“{text}” names no weights on the Hub. Give owner/name/file.safetensors; other kinds of files can contain programs.": (
        "“{text}”不是 Hub 上的权重。请写成 owner/name/file.safetensors；其他类型的文件可能含有程序。"
    ),
    "{place} is not on this machine, and HF_HUB_OFFLINE forbids to fetch it. Choose another model, or start again with HF_HUB_OFFLINE=0.": (
        "本机没有 {place}，而 HF_HUB_OFFLINE 禁止下载。请选择其他模型，或以 HF_HUB_OFFLINE=0 重新启动。"
    ),
    "{place} is damaged or not the file that was expected: SHA-256 {found}… instead of {expected}…. It is not used. Try again; if "
    "it stays so, choose another model.": (
        "{place} 已损坏或不是预期的文件：SHA-256 为 {found}…，应为 {expected}…，因此未使用。请重试；如仍如此，请选择其他模型。"
    ),
    "{place} could not be read from the cache ({reason}). Look at the folder that HF_HOME names, or choose another model.": (
        "无法从缓存读取 {place}（{reason}）。请检查 HF_HOME 指定的文件夹，或选择其他模型。"
    ),
    "{endpoint} did not answer within {seconds} seconds when it was asked for {place}. Try again in half a minute, or choose another "
    "model.": ("向 {endpoint} 请求 {place} 时，{seconds} 秒内没有应答。请半分钟后重试，或选择其他模型。"),
    "{place} was still not complete after {seconds} seconds. Try again later, or choose another model.": (
        "{seconds} 秒后 {place} 仍未下载完。请稍后重试，或选择其他模型。"
    ),
    "{endpoint} could not be reached for {place} ({reason}). Look at the connection and at HF_ENDPOINT, then try again in half a minute.": (
        "下载 {place} 时无法连接 {endpoint}（{reason}）。请检查网络连接和 HF_ENDPOINT，半分钟后重试。"
    ),
    "The connection broke off while {place} was fetched ({reason}). Try again in half a minute, or choose another model.": (
        "下载 {place} 时连接中断（{reason}）。请半分钟后重试，或选择其他模型。"
    ),
    "{endpoint} is busy and did not serve {place} (429). Try again in a few minutes, or choose another model.": (
        "{endpoint} 繁忙，未能提供 {place}（429）。请几分钟后重试，或选择其他模型。"
    ),
    "{endpoint} failed when it was asked for {place} ({reason}). Try again in half a minute, or choose another model.": (
        "向 {endpoint} 请求 {place} 时对方出错（{reason}）。请半分钟后重试，或选择其他模型。"
    ),
    "{endpoint} does not let this program read {place} ({reason}): it does not exist, is private or needs a licence to be accepted. "
    "Look at the name, or set HF_TOKEN to the token of somebody who may read it.": (
        "{endpoint} 不允许本程序读取 {place}（{reason}）：它不存在、未公开，或需要先接受许可。请检查名称，或把 HF_TOKEN "
        "设为有权读取者的令牌。"
    ),
    "{endpoint} has no {place} ({reason}). Look at the name and the revision, or choose another model.": (
        "{endpoint} 上没有 {place}（{reason}）。请检查名称和版本，或选择其他模型。"
    ),
    "{place} is not the file that was expected: {endpoint} has {reason}. Choose another model.": (
        "{place} 不是预期的文件：{endpoint} 上为 {reason}。请选择其他模型。"
    ),
    "{endpoint} gave an answer about {place} that makes no sense ({reason}). Look at HF_ENDPOINT, or choose another model.": (
        "{endpoint} 关于 {place} 的应答无法理解（{reason}）。请检查 HF_ENDPOINT，或选择其他模型。"
    ),
    "There is no room for {place} on this machine ({reason}). Free some space, or let HF_HOME name a folder on another disk.": (
        "本机空间不足，无法存放 {place}（{reason}）。请释放空间，或让 HF_HOME 指向其他磁盘上的文件夹。"
    ),
    "{place} could not be stored in the cache ({reason}). Let HF_HOME name a folder that can be written.": (
        "无法把 {place} 存入缓存（{reason}）。请让 HF_HOME 指向可写的文件夹。"
    ),
    "The download of {place} ended without a word. Try again in half a minute, or choose another model.": (
        "{place} 的下载意外结束。请半分钟后重试，或选择其他模型。"
    ),
    "{file} has {size} MB; networks of up to {limit} MB are loaded.": "{file} 为 {size} MB；最多载入 {limit} MB 的网络。",
    "{file} is no sound safetensors file ({reason}). Other kinds, such as .pth, are never opened: they can contain programs.": (
        "{file} 不是完好的 safetensors 文件（{reason}）。其他类型（如 .pth）一律不打开：它们可能含有程序。"
    ),
    "This file holds {count} tensors, too many for any network that is supported: {supported}.": (
        "此文件有 {count} 个张量，多于任何受支持的网络：{supported}。"
    ),
    "This file holds none of the networks that are supported: {supported}. Its first tensors are {names}.": (
        "此文件不含受支持的网络：{supported}。其最前面的张量为 {names}。"
    ),
    "This {layout} enlarges by {scale}; offered are {scales}.": "此 {layout} 放大 {scale} 倍；支持 {scales}。",
    "This {layout} has {weights} million weights; networks of up to {limit} million are loaded.": (
        "此 {layout} 有 {weights} 百万个权重；最多载入 {limit} 百万个权重的网络。"
    ),
    "This looks like {layout}, but {name} is missing.": "看起来是 {layout}，但缺少 {name}。",
    "This looks like {layout}, but {name} is not part of it.": "看起来是 {layout}，但 {name} 不属于它。",
    "This looks like {layout}, but {reason}.": "看起来是 {layout}，但 {reason}。",
    "This looks like {layout}, but {name} is empty.": "看起来是 {layout}，但 {name} 是空的。",
    "This looks like {layout}, but {name} has the shape {found} where {expected} was expected.": (
        "看起来是 {layout}，但 {name} 的形状为 {found}，应为 {expected}。"
    ),
    "This looks like {layout}, but {name} is of type {type}, not of floats.": "看起来是 {layout}，但 {name} 的类型为 {type}，不是浮点数。",
    "This looks like {layout}, but {name} holds numbers that are not finite.": "看起来是 {layout}，但 {name} 含有非有限的数。",
    "This looks like {layout}, but with {features} features, {large} of them under a kernel of {kernel}, it cannot work.": (
        "看起来是 {layout}，但特征数为 {features}，其中 {large} 个使用大小为 {kernel} 的卷积核，无法工作。"
    ),
    "An EDSR file of this project serves 2×, 3× and 4×. Choose a scale.": "本项目的 EDSR 文件可用于 2×、3× 和 4×。请选择倍数。",
    "An SRCNN file does not say by how much it enlarges. Choose a scale.": "SRCNN 文件不说明放大倍数。请选择倍数。",
    "Google Merchant Center": "Google Merchant Center",
    "eBay": "eBay",
    "Shopify": "Shopify",
    "Etsy": "Etsy",
    "TikTok Shop": "TikTok Shop",
    "PNG": "PNG",
    "WebP": "WebP",
    "JPEG": "JPEG",
    "AVIF": "AVIF",
    "“{name}” takes words, as one text in quotation marks, not {value}.": "“{name}”应为引号中的一段文字，而不是 {value}。",
    "“{name}” takes a number, not {value}.": "“{name}”应为数字，而不是 {value}。",
    "“{name}” takes true or false, not {value}.": "“{name}”应为 true 或 false，而不是 {value}。",
    "“{name}” was given {count} characters; up to {limit} are read.": "“{name}”有 {count} 个字符；最多读取 {limit} 个。",
    "The step “{name}” was asked for more than once. Name each step once.": "步骤“{name}”出现了不止一次。每个步骤只能写一次。",
}

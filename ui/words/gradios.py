"""What gradio's own parts say, as the page says it: {0} and {1} are what the sentence names."""

from ui.server.files import MAX_BYTES
from ui.server.preview import TITLE

MEGABYTES = MAX_BYTES // 1_000_000

SAID = {
    "en": {
        "File(s) exceed the maximum allowed size of {0}: {1}": f"Up to {MEGABYTES} MB are taken, and this is more: {{1}}",
        "Invalid file type: {0}. Only {1} allowed.": "This is no picture: {0}",
        "Invalid file types: {0}. Only {1} allowed.": "These are no pictures: {0}",
        "common.complete": "Complete",
    },
    "zh": {
        TITLE: "商品图超分辨率",
        "Error": "出错了",
        "Warning": "请注意",
        "Info": "提示",
        "Success": "完成",
        "common.complete": "完成",
        "Progress": "进度",
        "File(s) exceed the maximum allowed size of {0}: {1}": f"文件最大 {MEGABYTES} MB，超过的是：{{1}}",
        "Invalid file type: {0}. Only {1} allowed.": "不是图片：{0}",
        "Invalid file types: {0}. Only {1} allowed.": "不是图片：{0}",
        "Connection to the server was lost. Attempting reconnection...": "与服务器的连接已断开，正在重新连接……",
        "Connection re-established.": "已重新连接。",
        "More tabs": "更多标签页",
        "File upload": "上传文件",
        "Upload file": "上传文件",
        "Click to upload or drop files": "点击上传，或把文件拖到这里",
        "Paste from clipboard": "从剪贴板粘贴",
        "Remove Image": "移除图片",
        "Fullscreen": "全屏",
        "Exit fullscreen mode": "退出全屏",
        "Close": "关闭",
        "Copy": "复制",
        "Copied": "已复制",
        "Clear": "清除",
        "number input for {0}": "{0}：数值",
        "range slider for {0}": "{0}：滑块",
        "Reset to default value": "恢复默认值",
        "Pan": "平移",
        "Zoom in": "放大显示",
        "Zoom out": "缩小显示",
        "undo": "撤销",
        "Undo": "撤销",
        "Redo": "重做",
        "Clear canvas": "清空画布",
        "Brush": "画笔",
        "Erase": "橡皮",
        "Brush Size": "画笔大小",
        "Eraser Size": "橡皮大小",
        "Fit to screen": "适合屏幕",
        "select the draw tool to start": "请选择画笔",
        "Gradio footer navigation": "页脚",
        "Stop Recording": "停止录制",
    },
}
"""Language → what gradio says → what the page says."""

EXAMPLES = {
    "en": {"camera": "Camera", "jar": "Jar", "sweater": "Sweater", "tea": "Tea", "typewriter": "Typewriter", "vase": "Vase"},
    "zh": {"camera": "相机", "jar": "罐子", "sweater": "毛衣", "tea": "茶", "typewriter": "打字机", "vase": "花瓶"},
}
"""Language → example photo → what it shows."""

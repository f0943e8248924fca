"""Names and shapes of the tensors in published checkpoints, written down from public code and model pages; nothing of the files is here.

That they are right shows in the sizes: a safetensors file with these names, shapes and types has the published number of bytes.
"""

import torch

Shapes = dict[str, tuple[int, ...]]


def conv(name: str, c_out: int, c_in: int, side: int = 3) -> Shapes:
    return {f"{name}.weight": (c_out, c_in, side, side), f"{name}.bias": (c_out,)}


def real_esrgan(inputs: int = 3, features: int = 64, blocks: int = 23, growth: int = 32) -> Shapes:
    """RealESRGAN_x4plus, and with 12 inputs RealESRGAN_x2plus, as Comfy-Org repackaged them."""
    shapes = conv("conv_first", features, inputs)
    for block in range(blocks):
        for dense in (1, 2, 3):
            for i in range(5):
                out = features if i == 4 else growth
                shapes |= conv(f"body.{block}.rdb{dense}.conv{i + 1}", out, features + i * growth)
    for name in ("conv_body", "conv_up1", "conv_up2", "conv_hr"):
        shapes |= conv(name, features, features)
    return shapes | conv("conv_last", 3, features)


def bsrgan(features: int = 64, blocks: int = 23, growth: int = 32) -> Shapes:
    """The names of BSRGAN and RealSR, for the network of RealESRGAN_x4plus."""
    names = {"conv_body": "trunk_conv", "conv_up1": "upconv1", "conv_up2": "upconv2", "conv_hr": "HRconv"}
    shapes = {}
    for name, shape in real_esrgan(3, features, blocks, growth).items():
        module, kind = name.rsplit(".", 1)
        module = names.get(module, module.replace("body.", "RRDB_trunk.").replace("rdb", "RDB"))
        shapes[f"{module}.{kind}"] = shape
    return shapes


def esrgan(features: int = 64, blocks: int = 23, growth: int = 32, doublings: int = 2) -> Shapes:
    """The names of ESRGAN in 2018, which most files of the community keep."""
    shapes = conv("model.0", features, 3)
    for block in range(blocks):
        for dense in (1, 2, 3):
            for i in range(5):
                out = features if i == 4 else growth
                shapes |= conv(f"model.1.sub.{block}.RDB{dense}.conv{i + 1}.0", out, features + i * growth)
    shapes |= conv(f"model.1.sub.{blocks}", features, features)
    for i in range(doublings):
        shapes |= conv(f"model.{3 * (i + 1)}", features, features)
    end = 3 * doublings + 2
    return shapes | conv(f"model.{end}", features, features) | conv(f"model.{end + 2}", 3, features)


def conv3xc(name: str, c_out: int, c_in: int) -> Shapes:
    """The branches of a convolution of SPAN in training, and beside them the folded one."""
    branches = conv(f"{name}.sk", c_out, c_in, 1) | conv(f"{name}.conv.0", 2 * c_in, c_in, 1)
    branches |= conv(f"{name}.conv.1", 2 * c_out, 2 * c_in) | conv(f"{name}.conv.2", c_out, 2 * c_out, 1)
    return branches | conv(f"{name}.eval_conv", c_out, c_in)


def span(scale: int = 2, features: int = 48, blocks: int = 6) -> Shapes:
    """2xNomosUni_span_multijpg."""
    shapes = conv3xc("conv_1", features, 3)
    for block in range(blocks):
        for i in (1, 2, 3):
            shapes |= conv3xc(f"block_{block + 1}.c{i}_r", features, features)
    shapes |= conv("conv_cat", features, 4 * features, 1) | conv3xc("conv_2", features, features)
    return shapes | conv("upsampler.0", 3 * scale**2, features)


def realplksr(scale: int = 4, features: int = 64, blocks: int = 28, kernel: int = 17) -> Shapes:
    """4xNomosWebPhoto_RealPLKSR."""
    shapes = conv("feats.0", features, 3)
    for block in range(1, blocks + 1):
        at = f"feats.{block}"
        shapes |= conv(f"{at}.channel_mixer.0", 2 * features, features) | conv(f"{at}.channel_mixer.2", features, 2 * features)
        shapes |= conv(f"{at}.lk.conv", features // 4, features // 4, kernel) | conv(f"{at}.attn.f.0", features, features)
        shapes |= conv(f"{at}.refine", features, features, 1) | {f"{at}.norm.weight": (features,), f"{at}.norm.bias": (features,)}
    return shapes | conv(f"feats.{blocks + 2}", 3 * scale**2, features)


def compact(scale: int = 4, features: int = 64, convs: int = 32) -> Shapes:
    """realesr-general-x4v3."""
    shapes = conv("body.0", features, 3) | {"body.1.weight": (features,)}
    for i in range(convs):
        shapes |= conv(f"body.{2 * i + 2}", features, features) | {f"body.{2 * i + 3}.weight": (features,)}
    return shapes | conv(f"body.{2 * convs + 2}", 3 * scale**2, features)


def swinir() -> Shapes:
    """Some tensors of SwinIR, which is not supported."""
    block = "layers.0.residual_group.blocks.0"
    shapes = conv("conv_first", 180, 3) | conv("conv_after_body", 180, 180) | {"patch_embed.norm.weight": (180,)}
    return shapes | {f"{block}.attn.qkv.weight": (540, 180), f"{block}.attn.relative_position_bias_table": (225, 6)}


def filled(shapes: Shapes, spread: float = 0.05, dtype: torch.dtype = torch.float32) -> dict[str, torch.Tensor]:
    """Tensors of these shapes with the same random numbers every time."""
    random = torch.Generator().manual_seed(1)
    return {name: (torch.randn(shape, generator=random) * spread).to(dtype) for name, shape in shapes.items()}

"""What pyproject.toml cannot say: the requirements, which a Space reads too, and that weights/ and examples/ go inside of the packages."""

from pathlib import Path

from setuptools import find_packages, setup

lines = (Path(__file__).parent / "requirements.txt").read_text().splitlines()
requirements = [line for line in lines if line and not line.startswith("#")]
of_the_page = [requirement for requirement in requirements if requirement.startswith("gradio")]

setup(
    install_requires=[requirement for requirement in requirements if requirement not in of_the_page],
    extras_require={
        "page": of_the_page,
        "heic": ["pillow-heif>=1,<2"],
        "measure": ["ssimulacra2==0.3.0", "stlpips-pytorch==0.0.2"],
        "parquet": ["pyarrow>=17"],
        "ray": ["ray[data]>=2.50,<3"],
    },
    py_modules=["app"],
    packages=[
        *find_packages(include=["sr_models", "sr_models.*", "ui", "ui.*"], exclude=["sr_models.training", "sr_models.training.*"]),
        "sr_models.embedded",
        "ui.examples",
    ],
    package_dir={"sr_models.embedded": "weights", "ui.examples": "examples"},
    package_data={
        "sr_models": ["py.typed", "*.icc"],
        "sr_models.figures": ["*.safetensors"],
        "sr_models.embedded": ["*.safetensors", "ranges.json", "README.md"],
        "ui.examples": ["*.jpg", "README.md"],
        "ui.server": ["preview.jpg", "icon.png"],
    },
)

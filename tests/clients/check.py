"""google-genai against the demo gateway: pictures of exactly the size asked for, errors of the documented class.

    check.py BASE            every check of the client
    check.py --reply FILE    one saved reply holds a picture that decodes

The exit status is the number of failed checks.
"""

import base64
import io
import json
import sys

from PIL import Image

# What Gemini 3.1 Flash Image draws at 1K; 2K and 4K double and quadruple it.
SIZE_1K = {
    "1:1": (1024, 1024),
    "1:4": (512, 2048), "4:1": (2048, 512),
    "1:8": (384, 3072), "8:1": (3072, 384),
    "2:3": (848, 1264), "3:2": (1264, 848),
    "3:4": (896, 1200), "4:3": (1200, 896),
    "4:5": (928, 1152), "5:4": (1152, 928),
    "9:16": (768, 1376), "16:9": (1376, 768),
    "21:9": (1584, 672),
}  # fmt: skip
SCALE = {"1K": 1, "2K": 2, "4K": 4}
MODELS = ("demo-plain", "nano-banana-2")
VERSIONS = (None, "v1", "v1beta")
ERRORS = {"gateway-401": 401, "retry-429": 429}

failures = 0


def check(name, act):
    """Run `act`; it returns what was seen, or raises."""
    global failures
    try:
        print(f"ok {name}: {act()}", flush=True)
    except Exception as error:
        failures += 1
        print(f"FAILED {name}: {type(error).__name__}: {str(error)[:300]}", flush=True)


def expect(wanted, seen):
    if seen != wanted:
        raise AssertionError(f"{seen} instead of {wanted}")
    return seen


def decode(data):
    """Every pixel is decoded: a header alone proves nothing."""
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def only_picture(responses):
    parts = [part for response in responses for part in response.parts or []]
    pictures = [part.inline_data for part in parts if part.inline_data and not part.thought]
    expect(1, len(pictures))
    picture = decode(pictures[0].data)
    expect(picture.get_format_mimetype(), pictures[0].mime_type)
    return picture


def client(base, version):
    from google import genai

    options = genai.types.HttpOptions(base_url=base, timeout=60_000)  # milliseconds
    if version:
        options.api_version = version
    return genai.Client(api_key="sk-clients", http_options=options)


def call(models, mode, model, prompt, ratio=None, size=None):
    """One paid call; a list of responses in both modes."""
    from google.genai import types

    config = types.GenerateContentConfig(response_modalities=["IMAGE"])
    if ratio:
        config.image_config = types.ImageConfig(aspect_ratio=ratio, image_size=size)
    if mode == "stream":
        return list(models.generate_content_stream(model=model, contents=prompt, config=config))
    return [models.generate_content(model=model, contents=prompt, config=config)]


def sized(models, mode, model, ratio, size):
    width, height = SIZE_1K[ratio]
    picture = only_picture(call(models, mode, model, "A red square", ratio, size))
    expect((width * SCALE[size], height * SCALE[size]), picture.size)
    return f"{picture.format} {picture.width}x{picture.height}"


def refused(models, mode, model, prompt, status):
    from google.genai import errors

    try:
        call(models, mode, model, prompt)
    except errors.ClientError as error:
        expect(status, error.code)
        return f"ClientError {str(error)[:60]}"
    raise AssertionError("no error at all")


def edited(connection):
    """The second turn sends the first picture back, in this client's spelling and base64 alphabet."""
    from google.genai import types

    config = types.GenerateContentConfig(response_modalities=["IMAGE"])
    chat = connection.chats.create(model="nano-banana-2", config=config)
    first = only_picture([chat.send_message("A red square")])
    second = only_picture([chat.send_message("Now make it blue")])
    return f"{first.width}x{first.height}, then {second.width}x{second.height}"


def listed(models):
    names = {model.name.removeprefix("models/") for model in models.list()}
    if "nano-banana-2" not in names:
        raise AssertionError(f"nano-banana-2 is not among {sorted(names)}")
    return f"{len(names)} models"


def check_version(connection, path):
    models = connection.models
    for mode in ("unary", "stream"):
        for model in MODELS:
            for size in ("1K", "2K"):
                check(f"py {path} {mode} {model} 16:9 {size}", lambda: sized(models, mode, model, "16:9", size))
        for scene, status in ERRORS.items():
            for model, prompt in ((f"demo-{scene}", "A red square"), ("nano-banana-2", f"[scene:{scene}]")):
                name = f"py {path} {mode} {model} answers {status}"
                check(name, lambda: refused(models, mode, model, prompt, status))
    check(f"py {path} two turns", lambda: edited(connection))


def check_sizes(connection):
    models = connection.models
    for ratio in SIZE_1K:
        check(f"py nano-banana-2 {ratio} 1K", lambda: sized(models, "unary", "nano-banana-2", ratio, "1K"))
    check("py nano-banana-2 16:9 4K", lambda: sized(models, "unary", "nano-banana-2", "16:9", "4K"))
    check("py demo-jpeg 16:9 2K", lambda: sized(models, "unary", "demo-jpeg", "16:9", "2K"))
    check("py list", lambda: listed(models))


def read_reply(path):
    with open(path, encoding="utf-8") as file:
        reply = json.load(file)
    for part in reply["candidates"][0]["content"]["parts"]:
        if "inlineData" in part:
            picture = decode(base64.b64decode(part["inlineData"]["data"]))
            return f"{picture.format} {picture.width}x{picture.height}"
    raise AssertionError("no inlineData part")


if sys.argv[1] == "--reply":
    check("page: the native curl command", lambda: read_reply(sys.argv[2]))
else:
    for version in VERSIONS:
        check_version(client(sys.argv[1], version), version or "default version")
    check_sizes(client(sys.argv[1], "v1beta"))
sys.exit(min(failures, 99))

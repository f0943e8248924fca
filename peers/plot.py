PLOTS = {}


def draw(found, language):
    return ""

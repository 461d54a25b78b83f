import copy


def merge(layers):
    """One dictionary of all layers, later ones winning; it shares nothing with them."""
    merged = {}
    for layer in layers:
        _merge(merged, layer)
    return merged


def _merge(into, layer):
    for key, value in layer.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = copy.deepcopy(value)


def source_of(layers, key):
    """The index of the layer that decides a dotted key; None when none has it."""
    for index in reversed(range(len(layers))):
        value = layers[index]
        for part in key.split("."):
            if not isinstance(value, dict):
                return None
            if part not in value:
                break
            value = value[part]
        else:
            return index
    return None

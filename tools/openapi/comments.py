"""The comments of a contract, by the full name of what they stand at."""

from collections.abc import Iterator, Sequence

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

MESSAGE, SERVICE, METHOD = 4, 6, 2  # field numbers in descriptor.proto, of which paths consist
FIELD, NESTED, ENUM, VALUE = 2, 3, 4, 2


def comments(file: FileDescriptorProto) -> dict[str, str]:
    """Full name → leading comment as one line."""
    names = dict(_names(file))
    return {
        names[tuple(location.path)]: " ".join(location.leading_comments.split())
        for location in file.source_code_info.location
        if tuple(location.path) in names and location.leading_comments
    }


def _names(file: FileDescriptorProto) -> Iterator[tuple[tuple[int, ...], str]]:
    for number, message in enumerate(file.message_type):
        yield from _names_of(message, (MESSAGE, number), f"{file.package}.{message.name}")
    for number, service in enumerate(file.service):
        name = f"{file.package}.{service.name}"
        yield (SERVICE, number), name
        yield from (((SERVICE, number, METHOD, i), f"{name}.{method.name}") for i, method in enumerate(service.method))


def _names_of(message: DescriptorProto, path: Sequence[int], name: str) -> Iterator[tuple[tuple[int, ...], str]]:
    yield tuple(path), name
    yield from (((*path, FIELD, i), f"{name}.{field.name}") for i, field in enumerate(message.field))
    for i, enum in enumerate(message.enum_type):
        yield (*path, ENUM, i), f"{name}.{enum.name}"
        yield from (((*path, ENUM, i, VALUE, j), f"{name}.{value.name}") for j, value in enumerate(enum.value))
    for i, nested in enumerate(message.nested_type):
        yield from _names_of(nested, (*path, NESTED, i), f"{name}.{nested.name}")

"""JSON schemas of messages, as Envoy's transcoder prints and reads them."""

from collections.abc import Mapping
from typing import Any

from google.api.field_behavior_pb2 import REQUIRED, field_behavior
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

Schema = dict[str, Any]

SCALARS: Mapping[int, Schema] = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_INT64: {"type": "string", "format": "int64", "pattern": "^-?[0-9]+$"},
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
}
WELL_KNOWN: Mapping[str, Schema] = {"google.protobuf.Timestamp": {"type": "string", "format": "date-time"}}


class Schemas:
    """The schemas that are referred to, collected in `components`."""

    def __init__(self, comments: Mapping[str, str]) -> None:
        self._comments = comments
        self.components: dict[str, Schema] = {}

    def comment(self, name: str) -> Schema:
        """A description, if the contract has one."""
        return {"description": self._comments[name]} if name in self._comments else {}

    def message(self, message: Descriptor) -> Schema:
        """A reference to a message; its schema is in `components`."""
        if message.full_name in WELL_KNOWN:
            return dict(WELL_KNOWN[message.full_name])
        if message.name not in self.components:
            self.components[message.name] = {}  # a message may hold itself
            self.components[message.name] = self.object(message)
        return {"$ref": f"#/components/schemas/{message.name}"}

    def object(self, message: Descriptor, without: frozenset[str] = frozenset()) -> Schema:
        """The schema of a message without some of its fields."""
        fields = [field for field in message.fields if field.name not in without]
        required = [field.json_name for field in fields if REQUIRED in field.GetOptions().Extensions[field_behavior]]
        return {
            "type": "object",
            **self.comment(message.full_name),
            "properties": {field.json_name: self.field(field) for field in fields},
            **({"required": required} if required else {}),
        }

    def field(self, field: FieldDescriptor) -> Schema:
        """The schema of a field with its comment."""
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            schema: Schema = {"type": "object", "additionalProperties": self._one(kind.fields_by_name["value"])}
        elif field.is_repeated:
            schema = {"type": "array", "items": self._one(field)}
        else:
            schema = self._one(field)
        return {**schema, **self.comment(field.full_name)}

    def _one(self, field: FieldDescriptor) -> Schema:
        if field.message_type is not None:
            return self.message(field.message_type)
        if field.enum_type is not None:
            return self._enum(field.enum_type)
        return dict(SCALARS[field.type])

    def _enum(self, enum: EnumDescriptor) -> Schema:
        """Enums sit in a message of their own, which names them."""
        holder = enum.containing_type
        if holder is None:
            raise TypeError(f"{enum.full_name} must sit in a message of its own")
        # The zero is a word of its own where the contract says what it means, else it is never sent.
        said = {value.name: self._comments.get(f"{holder.full_name}.{value.name}", "") for value in enum.values}
        words = [value.name for value in enum.values if value.number or said[value.name]]
        meanings = [f"{word}: {said[word]}" for word in words]
        description = " ".join([self._comments.get(holder.full_name, ""), *meanings]).strip()
        self.components[holder.name] = {"type": "string", "enum": words, "description": description}
        return {"$ref": f"#/components/schemas/{holder.name}"}

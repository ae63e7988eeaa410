"""A chat model that helps with words where it is checked, and never ranks."""

from penchant.language.chat.backend import Backend, Completion, Message
from penchant.language.chat.labels import Labelled, label_texts
from penchant.language.chat.model import ChatModel, Spent, open_chat
from penchant.language.chat.names import Group, name_groups

__all__ = [
    "Backend",
    "ChatModel",
    "Completion",
    "Group",
    "Labelled",
    "Message",
    "Spent",
    "label_texts",
    "name_groups",
    "open_chat",
]

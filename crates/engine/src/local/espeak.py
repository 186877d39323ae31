"""Speaks a text file with the espeak-ng library and says when each word comes.

Arguments: voice, words a minute, text file, WAV file, file for the words' times. The last gets a
line a word: milliseconds since the beginning, a tab, the word's place in the text, counted in
characters from 0. The espeak-ng program itself gives sound alone.
"""

import ctypes
import sys
import wave

voice, pace, text_file, wav_file, words_file = sys.argv[1:6]

# From espeak-ng's speak_lib.h.
AUDIO_OUTPUT_SYNCHRONOUS = 2
CHARS_UTF8 = 1
PARAMETER_RATE = 1
EVENT_LIST_TERMINATED, EVENT_WORD = 0, 1


class Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_uint64),
    ]


library = ctypes.CDLL(
    "libespeak-ng.1.dylib" if sys.platform == "darwin" else "libespeak-ng.so.1"
)
rate = library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, None, 0)
if rate <= 0:
    sys.exit("espeak-ng does not start")

sound = []
words = []


@ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event)
)
def heard(samples, count, events):
    if samples and count > 0:
        sound.append(ctypes.string_at(samples, count * 2))
    at = 0
    while events[at].type != EVENT_LIST_TERMINATED:
        if events[at].type == EVENT_WORD:
            words.append((events[at].audio_position, events[at].text_position - 1))
        at += 1
    return 0


library.espeak_SetSynthCallback(heard)
if library.espeak_SetVoiceByName(voice.encode()) != 0:
    sys.exit("espeak-ng has no such voice")
library.espeak_SetParameter(PARAMETER_RATE, int(pace), 0)
with open(text_file, "rb") as file:
    text = file.read()
if library.espeak_Synth(text, len(text) + 1, 0, 1, 0, CHARS_UTF8, None, None) != 0:
    sys.exit("espeak-ng does not speak")
library.espeak_Synchronize()

with wave.open(wav_file, "wb") as file:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(rate)
    file.writeframes(b"".join(sound))
with open(words_file, "w", encoding="ascii") as file:
    for milliseconds, place in words:
        file.write(f"{milliseconds}\t{place}\n")

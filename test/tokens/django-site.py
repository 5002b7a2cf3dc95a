"""Real Django, asked through JSON: a list of questions on stdin, a list of answers on stdout."""

import datetime
import json
import sys

from django.conf import settings

settings.configure(SECRET_KEY="unused here", PASSWORD_RESET_TIMEOUT=0, USE_TZ=True)

import django
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode


class User:
    def __init__(self, fields):
        self.pk = fields["pk"]
        self.password = fields["password"]
        login = fields["lastLogin"]
        self.last_login = login and datetime.datetime.fromisoformat(login)
        self.email = fields["email"]

    def get_email_field_name(self):
        return "email"


def generator(site, now):
    made = PasswordResetTokenGenerator()
    made.secret = site["secret"]
    made.secret_fallbacks = site["fallbacks"]
    made.key_salt = site["keySalt"]
    made.algorithm = site["algorithm"]
    made._now = lambda: datetime.datetime.fromisoformat(now)
    return made


def make(question):
    made = generator(question["site"], question["now"])
    return made.make_token(User(question["user"]))


def check(question):
    settings.PASSWORD_RESET_TIMEOUT = question["site"]["timeout"]
    made = generator(question["site"], question["now"])
    return made.check_token(User(question["user"]), question["token"])


def encode(question):
    return urlsafe_base64_encode(force_bytes(question["text"]))


def decode(question):
    try:
        return urlsafe_base64_decode(question["text"]).decode()
    except ValueError:
        return None


answers = [globals()[question["ask"]](question) for question in json.load(sys.stdin)]
json.dump({"django": django.get_version(), "answers": answers}, sys.stdout)

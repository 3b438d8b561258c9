"""A Django backend with common settings: users register with its form, and manage.py dumps them.

    python django_people.py FOLDER > dump.json

Makes a project in FOLDER, registers the users of people.json (with the form and its CSRF token where the file says so),
has Django check each password, and prints what `manage.py dumpdata auth.user` prints.
"""

import json
import os
import pathlib
import subprocess
import sys
import textwrap
import unicodedata

HERE = pathlib.Path(__file__).parent
FOLDER = pathlib.Path(sys.argv[1])
VIEWS = '''
    from django.contrib.auth.forms import UserCreationForm
    from django.http import HttpResponse
    from django.shortcuts import render
    from django.template import engines
    from django.urls import path

    FORM = "<form method=post>{% csrf_token %}{{ form }}<button>Register</button></form>"


    def register(request):
        form = UserCreationForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            form.save()
            return HttpResponse(status=201)
        page = engines["django"].from_string(FORM)
        return HttpResponse(page.render({"form": form}, request))


    urlpatterns = [path("register/", register)]
'''
HASHERS = '''
    PASSWORD_HASHERS = ["django.contrib.auth.hashers." + name for name in (
        "PBKDF2PasswordHasher", "PBKDF2SHA1PasswordHasher", "Argon2PasswordHasher", "BCryptPasswordHasher",
        "BCryptSHA256PasswordHasher", "ScryptPasswordHasher")]
    ALLOWED_HOSTS = ["testserver"]
'''


def manage(*arguments):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=FOLDER, check=True, stdout=subprocess.PIPE, text=True).stdout


def register(person):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.get("/register/")
    form = {
        "username": person["username"],
        "password1": person["password"],
        "password2": person["password"],
        "csrfmiddlewaretoken": browser.cookies["csrftoken"].value,
    }
    answer = browser.post("/register/", form)
    assert answer.status_code == 201, answer.content.decode()


def create(person):
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User

    fields = {key: value for key, value in person.items() if key not in ("password", "hasher")}
    hasher = person.get("hasher", "default")
    User.objects.create(password=make_password(person["password"], hasher=hasher), **fields)


def main():
    subprocess.run([sys.executable, "-m", "django", "startproject", "backend", FOLDER], check=True)
    (FOLDER / "backend" / "urls.py").write_text(textwrap.dedent(VIEWS))
    with (FOLDER / "backend" / "settings.py").open("a") as settings:
        settings.write(textwrap.dedent(HASHERS))
    manage("migrate", "--verbosity", "0")

    sys.path.insert(0, str(FOLDER))
    os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
    import django

    django.setup()
    from django.contrib.auth.hashers import check_password, identify_hasher
    from django.contrib.auth.models import User

    for person in json.loads((HERE / "people.json").read_text()):
        if person.pop("registers", False):
            register(person)
        else:
            create(person)
        name, password = person["username"], person["password"]
        may = password is not None and person.get("is_active", True)
        user = User.objects.get(username=unicodedata.normalize("NFKC", name))
        # Not by authenticate(), which would replace the hash with the first hasher's.
        assert (check_password(password, user.password) and user.is_active) == may, name
        kind = person.get("hasher", "pbkdf2_sha256")
        assert password is None or identify_hasher(user.password).algorithm == kind, name
    User.objects.filter(username="ada").update(last_login="2026-11-01T08:30:00.123456Z")
    # Django takes these two for two users; PRECIS, and so Gatelodge, for one.
    User.objects.create_user("ADA", password="another ada altogether")
    sys.stdout.write(manage("dumpdata", "auth.user", "--indent", "2"))


main()

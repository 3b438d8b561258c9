"""Checks the language of the repository (CONTRIBUTING.md, "Language"). scripts/check-tree.sh runs it.

  python3 scripts/check_text.py           fails on violations in the paths of CLEAN and SHORT
  python3 scripts/check_text.py --list    lists the violations of all files, and counts them by folder

It refuses phrases that readers had to read twice, such names in code, sentences of more than 35 words, links and paths
that lead nowhere.
"""

import collections
import pathlib
import re
import subprocess
import sys

# Paths that are free of the phrases and names below: a file, or a folder with a slash at its end. Add a path when it is
# clean, never take one away.
CLEAN = [
    '.ci/',
    '.dockerignore',
    '.env.example',
    'ARCHITECTURE.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'Cargo.toml',
    'Dockerfile',
    'README.md',
    'SECURITY.md',
    'benches/',
    'clients/',
    'clippy.toml',
    'deny.toml',
    'deploy/',
    'docker-compose.yaml',
    'docs/',
    'examples/next/README.md',
    'examples/services/',
    'examples/todo/frontend/Dockerfile',
    'examples/todo/frontend/README.md',
    'examples/todo/frontend/nginx.conf',
    'fuzz/',
    'graphiql/README.md',
    'migration/',
    'schema.graphql',
    'scripts/',
    'src/',
]
# Pages without a sentence of more than MAX_WORDS words: pages of the repository's root and of docs/, and the schema.
SHORT = [
    'ARCHITECTURE.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'README.md',
    'SECURITY.md',
    'docs/',
    'schema.graphql',
]
MAX_WORDS = 35

# Phrases, in comments, messages and documents, and what to write instead.
PHRASES = {
    r'mend(s|ed|ing)?': 'fix; what to do',
    r'tells': 'returns, says, reports',
    r'who (they|one|you|he|she) (is|are)': 'the user; the last password check',
    r'too long ago that': 'too old',
    r'what is none': 'an invalid …, no …',
    r'at work': 'running',
    r'present password': 'current password',
    r'password is another one': 'password is wrong',
    r'for ever': 'permanently',
    r'fair share': 'fair queue, quota',
    r'people(?!\.\w)': 'users',
    r'persons?': 'user',
    r'visitors?': 'user, request context',
    r'doors?': 'endpoint',
    r'announcements?': 'notification',
    r'moving (in|out)': 'import, export',
    r'whoever|whomever|somebody': 'a user, a client',
    r'anew': 'again, new',
    r'as a rule': 'usually',
    r'(let|lets|letting) through': 'allow',
    r'for good': 'permanently',
}
# A sentence whose subject is a clause.
SUBJECT = r'(?:^|[.:;!] +|[-*|/!>"] +|""" *)(Who|Whom|Whose) (?![^.]*\?)'
# Names in code. `rest`, as the remainder of something, is a good name.
NAMES = (
    r'PATIENCE|REST|ROUNDS|TRIES|MOST_\w+|MOST|most|Places?|places?|turns|Turns|fair_share|fates?|Fates?|judge\w*|Judge\w*|salvage\w*'
    r'|endings|stale\w*|Stale\w*|announce\w*|Announce\w*|ANNOUNCE\w*|faults?|Faults?|Visitor|visitor|moving_in|patiently|PATIENTLY'
)

# Not ours, or not prose: licences, lists, generated files, data of tests, and this list of phrases.
SKIPPED = re.compile(
    r'^(LICENSE.*|.*lock(\.json)?|scripts/check_text\.py|src/domain/password/common_passwords\.txt|graphiql/dist/.*|fuzz/(corpus|dictionaries)/.*'
    r'|examples/todo/frontend/src/gql/.*|docs/pictures/.*|tests/moving-in/.*\.jsonl?|tests/graphql/introspection\.graphql|.*package\.json)$'
)
# Text that quotes what users see elsewhere, or stored names: (path, phrase).
QUOTED = {
    # The purpose of a stored keyed hash.
    ('src/auth/throttle/rules.rs', 'person'),
    # A message of two lines.
    ('src/graphql/guard/cost.rs', 'most'),
    # A trait of serde.
    ('src/graphql/execute/parts/bounded_json.rs', 'Visitor'),
    ('src/http/graphql/strict_json.rs', 'Visitor'),
    ('src/transfer/read/django.rs', 'Visitor'),
}

CODE = ('.rs', '.py', '.js', '.mjs', '.ts', '.tsx', '.jsx')


def tracked():
    """Returns the paths of all files that git knows and this script reads."""
    output = subprocess.run(['git', 'ls-files', '-z'], capture_output=True, check=True, text=True).stdout
    return [path for path in output.split('\0') if path and not SKIPPED.match(path) and pathlib.Path(path).is_file()]


def read(path):
    """Returns the text of a file; nothing of binary ones, and of the changelog only what is not released."""
    try:
        text = pathlib.Path(path).read_text()
    except UnicodeDecodeError:
        return ''
    if path == 'CHANGELOG.md':
        text = re.split(r'(?m)^## \[?\d', text)[0]
    return text


def without_strings(path, line):
    """Returns a line of code without its comment and its strings."""
    line = re.sub(r'"(\\.|[^"\\])*"|`[^`]*`', '""', line)
    if not path.endswith('.rs'):
        line = re.sub(r"'(\\.|[^'\\])*'", '""', line)
    return re.sub(r'(//|/\*|^\s*\*|(?<!\S)#(?!\[)).*', '', line)


def phrases(path, text):
    """Yields the phrases of a file that must not be there."""
    is_code = path.endswith(CODE)
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, instead in PHRASES.items():
            for found in re.finditer(rf'(?<![\w-])(?:{pattern})(?![\w-])', line, re.I):
                if (path, found[0]) not in QUOTED:
                    yield number, f'"{found[0]}": say "{instead}"'
        if re.search(SUBJECT, line):
            yield number, f'a sentence begins with a clause: {line.strip()[:80]}'
        if is_code:
            for found in re.finditer(rf'\b(?:{NAMES})\b', without_strings(path, line)):
                if (path, found[0]) not in QUOTED:
                    yield number, f'the name `{found[0]}`'


def prose(path, text):
    """Yields each paragraph, list item, heading and table cell of a document, and each description of a schema."""
    if path.endswith('.graphql'):
        for found in re.finditer(r'"""(.*?)"""|"((?:\\.|[^"\\\n])*)"', text, re.S):
            yield text.count('\n', 0, found.start()) + 1, found[1] or found[2] or ''
        return
    begin, paragraph, fence = 0, [], None
    for number, line in enumerate([*text.splitlines(), ''], 1):
        stripped = line.strip()
        if stripped.startswith('```'):
            fence = None if fence else stripped
            stripped = ''
        elif fence:
            stripped = ''
        starts = re.match(r'([-*#>]|\d+\.)+ ', stripped)
        if (not stripped or starts or stripped.startswith('|')) and paragraph:
            yield begin, ' '.join(paragraph)
            paragraph = []
        if stripped.startswith('|'):
            for cell in re.split(r'(?<!\\)\|', stripped):
                yield number, cell
        elif stripped:
            begin = begin if paragraph else number
            paragraph.append(stripped[starts.end():] if starts else stripped)


def long_sentences(path, text):
    """Yields the sentences of more than MAX_WORDS words."""
    for number, part in prose(path, text):
        part = re.sub(r'`[^`]*`', 'code', part)
        part = re.sub(r'!?\[([^\]]*)\]\([^)]*\)', r'\1', part)
        part = re.sub(r'<[^>]*>', ' ', part)
        part = part.replace('e.g.', 'eg').replace('i.e.', 'ie')
        for sentence in re.split(r'(?<=[.!?])[*)"]* +', part):
            words = [word for word in sentence.split() if re.search(r'\w', word)]
            if len(words) > MAX_WORDS:
                yield number, f'{len(words)} words: {" ".join(words)[:100]} …'


def slug(heading):
    """Returns the anchor that a heading gets."""
    heading = re.sub(r'[^\w\- ]', '', heading.replace('`', '').strip().lower())
    return heading.replace(' ', '-')


def anchors(path):
    """Returns the anchors of a document."""
    return {slug(heading) for heading in re.findall(r'(?m)^#+ (.*)$', read(path))}


def lost(path, text):
    """Yields links of a document that lead nowhere, and, in ARCHITECTURE.md and CONTRIBUTING.md, paths that do not exist."""
    folder = pathlib.Path(path).parent
    for number, line in enumerate(text.splitlines(), 1):
        for target in re.findall(r'\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"', line):
            target = target[0] or target[1]
            if re.match(r'[a-z]+:', target):
                continue
            file, _, anchor = target.partition('#')
            goal = folder / file if file else pathlib.Path(path)
            if not goal.exists():
                yield number, f'the link {target} leads nowhere'
            elif anchor and goal.suffix == '.md' and anchor not in anchors(goal):
                yield number, f'{target}: there is no such heading'
        if path in ('ARCHITECTURE.md', 'CONTRIBUTING.md'):
            for named in re.findall(r'`([\w.{}-]+/[\w./{}-]*|\w+\.(?:rs|md|sh|toml|graphql))`', line):
                is_placeholder = re.search(r'[A-Z]{4}|feature|_what_|do_thing|^target/', named)
                places = ['', 'src/', 'src/graphql/', 'scripts/', 'docs/']
                if not is_placeholder and not any(pathlib.Path(place + named).exists() for place in places):
                    yield number, f'the path {named} does not exist'


def within(path, paths):
    """Returns whether a path is one of the paths, or in one of the folders."""
    return any(path == one or (one.endswith('/') and path.startswith(one)) for one in paths)


def main():
    """Prints the violations. Returns the exit status."""
    listing = sys.argv[1:] == ['--list']
    counts, failed = collections.Counter(), 0
    for path in tracked():
        text = read(path)
        is_page = path == 'schema.graphql' or re.fullmatch(r'(docs/)?[^/]*\.md', path)
        checks = [('phrase or name', phrases, listing or within(path, CLEAN))]
        checks += [('long sentence', long_sentences, is_page and (listing or within(path, SHORT)))]
        checks += [('lost link or path', lost, path.endswith('.md'))]
        for kind, check, wanted in checks:
            for number, problem in check(path, text) if wanted else ():
                print(f'{path}:{number}: {problem}')
                parts = path.split('/')
                where = path if len(parts) == 1 or parts[0] == 'docs' else '/'.join(parts[:-1][:2]) + '/'
                counts[kind, where] += 1
                failed += 1
    if listing:
        print()
        for (kind, where), count in sorted(counts.items()):
            print(f'{count:5}  {kind}: {where}')
        return 0
    return 1 if failed else 0


sys.exit(main())

<?php
// Users of a PHP backend, as JSON lines for `gatelodge user import`.
//
//   php php_people.php > php.jsonl

$people = [
    ['php', password_hash('bcrypt by php é', PASSWORD_BCRYPT)],
    ['php72', password_hash(str_repeat('y', 72) . 'what comes after it counts for nothing', PASSWORD_BCRYPT)],
    ['php-argon', password_hash('argon2id by php', PASSWORD_ARGON2ID)],
];
foreach ($people as $index => [$username, $hash]) {
    echo json_encode(['external_id' => "php-$index", 'username' => $username, 'password_hash' => $hash]), "\n";
}

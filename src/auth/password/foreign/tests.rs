//! Hashes of other systems: real ones match, and those that cost too much are never computed.

use super::{ForeignHash, ForeignHashError, MAX_TEXT};

const DIGEST: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn matches(text: &str, password: &str) -> bool {
    ForeignHash::parse(text).unwrap().matches(password).unwrap()
}

#[test]
fn a_hash_of_each_kind_matches_its_password_and_no_other() {
    let firebase = "$firescrypt$ln=14,r=8,p=1$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$Bw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
    // Written by Python's hashlib, argon2-cffi and bcrypt. The last one has no version.
    for text in [
        "$pbkdf2$i=1000$c2FsdHNhbHQ$q0NcntwhClL3qjELQ6JdXXwfb6w",
        "$pbkdf2-sha1$i=1000$c2FsdHNhbHQ$q0NcntwhClL3qjELQ6JdXXwfb6w",
        "$pbkdf2-sha256$i=1000$c2FsdHNhbHQ$6h4IQHL9HWR81h+An2xpgQd08jjehAg7eLRyOAYi/os",
        "$pbkdf2-sha512$i=1000$c2FsdHNhbHQ$NUaxNiFiJBY94IDtL6cIb6Ny+yrX1nlX+ZMh+2LNA1J52ss/8QlZNBcKTA9DS6IbFo4DvoX4v8L+vqbXA8KZ/g",
        "$scrypt$ln=10,r=8,p=2$c2FsdHNhbHQ$TzU9X2bpGsCH+pxiWu9cxls1ls9hNfr1Mq7Cf0VRbtA",
        "$argon2d$v=16$m=64,t=2,p=2$c2FsdHNhbHQ$Gqxn9MuzFOstHjLDDZk1hcec5q++z6QBBDvFaqAm8a0",
        "$argon2d$v=19$m=64,t=2,p=2$c2FsdHNhbHQ$Sxe7sTBhRf0OhCwzz73+B6i04DoT7q5oDHg3TiLcwcQ",
        "$argon2i$v=16$m=64,t=2,p=2$c2FsdHNhbHQ$8wLfbdMVZHxubYje96VlTXaIm/cXz+sbRz8gdxIttxw",
        "$argon2i$v=19$m=64,t=2,p=2$c2FsdHNhbHQ$L1fQ0TF3s4Igv2IdKMfrCajW0K8nMWM9Yfb6YPsohZk",
        "$argon2id$v=16$m=64,t=2,p=2$c2FsdHNhbHQ$YgkwC5Ei1a//npWwHKUUNST7hs6PeCQTUK7O6L63HB4",
        "$argon2id$v=19$m=64,t=2,p=2$c2FsdHNhbHQ$cgWH7qLy/9YIPg5lQ0bx3twgmpYxIiY2tYva60XQTVY",
        "$2a$04$AoKk4TtOKbXnNukwT0ZQxe3t1Nm2ZfxIvYMQqx2hU.OmwNwcthbCC",
        "$2b$04$YhSy47xdsV2RWRiYIv9Zlum42XyJUxjJNlpiplYrTc.Zq6sbns9K6",
        "$2y$04$YhSy47xdsV2RWRiYIv9Zlum42XyJUxjJNlpiplYrTc.Zq6sbns9K6",
        "$argon2i$m=64,t=2,p=2$c2FsdHNhbHQ$8wLfbdMVZHxubYje96VlTXaIm/cXz+sbRz8gdxIttxw",
    ] {
        assert!(matches(text, "pässword"), "{text}");
        assert!(!matches(text, "password"), "{text}");
    }
    assert!(matches(firebase, "user1password"));
    assert!(!matches(firebase, "user2password"));
}

#[test]
fn a_hash_that_costs_too_much_is_refused_before_it_is_computed() {
    use ForeignHashError::TooCostly;
    let bcrypt = |cost| format!("$2b${cost}${}", ".".repeat(53));
    for text in [
        format!("pbkdf2_sha256$5000001$salt${DIGEST}="),
        format!("pbkdf2_sha1$99999999999999$salt${DIGEST}="),
        // Two blocks take twice the iterations.
        format!("pbkdf2_sha1$2500001$salt${DIGEST}="),
        format!("$pbkdf2-sha256$i=5000001,l=32$c2FsdHNhbHQ${DIGEST}"),
        format!("argon2$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ${DIGEST}"),
        format!("$argon2id$m=262145,t=1,p=1$c2FsdHNhbHQ${DIGEST}"),
        format!("$argon2i$v=19$m=65536,t=4294967295,p=1$c2FsdHNhbHQ${DIGEST}"),
        format!("scrypt$1073741824$salt$8$1${DIGEST}="),
        format!("scrypt$99999999999$salt$8$1${DIGEST}="),
        format!("scrypt$16384$salt$8$4000000000${DIGEST}="),
        format!("scrypt$16384$salt$4294967295$1${DIGEST}="),
        format!("$scrypt$ln=30,r=8,p=1$c2FsdHNhbHQ${DIGEST}"),
        format!("$scrypt$ln=255,r=1,p=1$c2FsdHNhbHQ${DIGEST}"),
        format!("$firescrypt$ln=20,r=8,p=1$c2FsdA==${DIGEST}=$Bw==${DIGEST}="),
        bcrypt(15),
        bcrypt(31),
        format!("bcrypt${}", bcrypt(31)),
        format!("bcrypt_sha256${}", bcrypt(15)),
    ] {
        let refused = ForeignHash::parse(&text);
        assert!(matches!(refused, Err(TooCostly(_))), "{text}: {refused:?}");
    }
    for text in [
        format!("pbkdf2_sha256$5000000$salt${DIGEST}="),
        format!("$argon2id$m=262144,t=1,p=1$c2FsdHNhbHQ${DIGEST}"),
        format!("scrypt$131072$salt$8$1${DIGEST}="),
        bcrypt(14),
    ] {
        assert!(ForeignHash::parse(&text).is_ok(), "{text}");
    }
}

#[test]
fn an_unknown_text_and_a_broken_hash_give_different_errors() {
    use ForeignHashError::{Broken, TooLong, Unknown, Unusable};
    for text in ["", "!", "!abc", "!9XGmr0hI"] {
        assert_eq!(ForeignHash::parse(text), Err(Unusable), "{text}");
    }
    for text in [
        "md5$$5f4dcc3b5aa765d61d8327deb882cf99",
        "sha1$",
        "sha1$abc$def",
        "crypt$",
        "crypt$$ab01FAX.bQRSU",
        "hunter2",
        "$1$abc$def",
        "$5$abc$def",
        "$6$abc$def",
        "$2x$10$abc",
        "ünï$cödé",
        "a:b",
        "pbkdf3$",
        "$",
        "$$",
    ] {
        assert_eq!(ForeignHash::parse(text), Err(Unknown), "{text}");
    }
    for text in [
        "pbkdf2_sha256",
        "pbkdf2_sha256$",
        "pbkdf2_sha256$1000$salt",
        "pbkdf2_sha256$1000$sa$lt$AAAAAAAAAAAAAAAA",
        "pbkdf2_sha256$1000$salt$!!!!",
        "pbkdf2_sha256$1000$salt$",
        "pbkdf2_sha256$0$salt$AAAAAAAAAAAAAAAA",
        "pbkdf2_sha256$+5$salt$AAAAAAAAAAAAAAAA",
        "pbkdf2_sha256$1e3$salt$AAAAAAAAAAAAAAAA",
        "argon2$",
        "argon2$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ",
        "$argon2id$v=18$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=8,t=1,p=1,keyid=YQ$c2FsdHNhbHQ$AAAAAAAAAAAAAAAA",
        "argon2$argon2x$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAA",
        "scrypt$12345$salt$8$1$AAAAAAAAAAAAAAAA",
        "scrypt$0$salt$8$1$AAAAAAAAAAAAAAAA",
        "scrypt$16384$salt$0$1$AAAAAAAAAAAAAAAA",
        "$scrypt$ln=14,r=8,p=1,x=2$c2FsdHNhbHQ$AAAAAAAAAAAAAAAA",
        "$2b$10$short",
        "$2b$03$.....................................................",
        "$2b$10$ä....................................................",
        "bcrypt$",
        "bcrypt_sha256$$2b$12$",
        "$firescrypt$ln=14,r=8,p=1$AA==$AAAAAAAAAAAAAAAA",
    ] {
        let refused = ForeignHash::parse(text);
        assert!(matches!(refused, Err(Broken(_))), "{text}: {refused:?}");
    }
    let long = format!("pbkdf2_sha256$1000$salt${}", "A".repeat(10_000_000));
    assert_eq!(ForeignHash::parse(&long), Err(TooLong));
    assert_eq!(ForeignHash::parse(&"x".repeat(MAX_TEXT + 1)), Err(TooLong));
}

#[test]
fn a_scheme_without_its_digest_can_be_parsed_again() {
    let bcrypt = "$2b$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde";
    let hex = format!(
        "{}:{}",
        "0123456789abcdef".repeat(2),
        "fedcba9876543210".repeat(8)
    );
    for text in [
        "pbkdf2_sha256$1000$salt$TDqZ5nQiDDqZ5nQiDDqZ5nQiDDqZ5nQiDDqZ5nQiDDo=",
        "$firescrypt$ln=4,r=8,p=1$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9A==$Bw==$jxspr8Ki0RYycVU8zykbdA==",
        bcrypt,
        &hex,
    ] {
        let hash = ForeignHash::parse(text).unwrap();
        let scheme = ForeignHash::parse(hash.without_digest()).unwrap();
        assert_eq!(scheme.scheme, hash.scheme, "{text}");
        assert!(
            scheme.digest().as_bytes().iter().all(|byte| *byte == 0),
            "{text}"
        );
    }
}

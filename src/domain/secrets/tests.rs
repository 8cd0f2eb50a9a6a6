//! Samples are put together from parts, so that no scanner takes this file for a leak.

use proptest::prelude::*;

use super::{Finding, find, redact_url};

fn what(text: &str) -> Option<&'static str> {
    find(text).map(|finding| finding.what)
}

/// A sample and what it is seen as.
const KNOWN: &[(&str, &str)] = &[
    (concat!("AK", "IAIOSFODNN7EXAMPLE"), "an AWS access key id"),
    (
        concat!("id=AS", "IAQWERTYUIOPASDF23"),
        "an AWS access key id",
    ),
    (
        concat!("gh", "p_1234567890abcdefghijABCDEFGHIJ123456"),
        "a GitHub token",
    ),
    (
        concat!("use gh", "o_1234567890abcdefghijABCDEFGHIJ123456."),
        "a GitHub token",
    ),
    (
        concat!("\"gh", "u_1234567890abcdefghijABCDEFGHIJ123456\""),
        "a GitHub token",
    ),
    (
        concat!("gh", "s_1234567890abcdefghijABCDEFGHIJ123456"),
        "a GitHub token",
    ),
    (
        concat!("x\\ngh", "r_1234567890abcdefghijABCDEFGHIJ123456"),
        "a GitHub token",
    ),
    (
        concat!("github_", "pat_11ABCDEFG0123456789abc_defGHI"),
        "a GitHub token",
    ),
    (concat!("gl", "pat-AbCdEf12345ghijkLMNO"), "a GitLab token"),
    (
        concat!("xo", "xb-123456789012-123456789012-AbCdEfGhIjKl"),
        "a Slack token",
    ),
    (concat!("xo", "xp-123456789012-abcdef"), "a Slack token"),
    (
        concat!(
            "https://hooks.slack.",
            "com/services/T00000000/B00000000/AbCdEfGhIjKl1234"
        ),
        "a Slack webhook",
    ),
    (
        concat!("sk_", "live_4eC39HqLyjWDarjtT1zdp7dc"),
        "a Stripe key",
    ),
    (
        concat!("rk_", "live_4eC39HqLyjWDarjtT1zdp7dc"),
        "a Stripe key",
    ),
    (
        concat!("sk", "-abcdefghijklmnop1234567890ABCDEFGHIJ"),
        "an OpenAI key",
    ),
    (
        concat!("sk", "-proj-AbCdEf123456_ghijkl-7890MNOPqrst"),
        "an OpenAI key",
    ),
    (
        concat!("sk", "-ant-api03-AbCdEf123456ghijkl_7890-MNOP"),
        "an Anthropic key",
    ),
    (
        concat!("AI", "zaSyA1234567890abcdefghijklmnopqrstuv"),
        "a Google API key",
    ),
    (
        concat!("np", "m_1234567890abcdefghijABCDEFGHIJ123456"),
        "an npm token",
    ),
    (
        concat!("py", "pi-AgEIcHlwaS5vcmcCJDEyMzQ1Njc4LTkwYWItY2RlZg"),
        "a PyPI token",
    ),
    (
        concat!(
            "ey",
            "JhbGciOiJIUzI1NiJ9.ey",
            "JzdWIiOiIxMjM0In0.dBjftJeZ4CVP"
        ),
        "a JSON Web Token",
    ),
    (concat!("m0", "sk_AbCdEf123456ghijkl7890"), "a mem0 key"),
    (
        concat!("SG", ".AbCdEf123456ghijkl7890.AbCdEf123456ghijkl7890MNOP"),
        "a SendGrid key",
    ),
    (
        concat!("SK", "0123456789abcdef0123456789abcdef"),
        "a Twilio key",
    ),
    (
        concat!("-----BEGIN RSA ", "PRIVATE KEY-----"),
        "a private key",
    ),
    (
        concat!("    -----BEGIN ", "PRIVATE KEY-----"),
        "a private key",
    ),
    (
        concat!("+-----BEGIN OPENSSH ", "PRIVATE KEY-----"),
        "a private key",
    ),
    (
        concat!("-----BEGIN PGP ", "PRIVATE KEY BLOCK-----"),
        "a private key",
    ),
    (
        concat!(
            "https://x.example/?t=gh",
            "p_1234567890abcdefghijABCDEFGHIJ123456"
        ),
        "a GitHub token",
    ),
];

#[test]
fn known_formats_are_found() {
    for (sample, seen_as) in KNOWN {
        assert_eq!(what(sample), Some(*seen_as), "{sample}");
    }
}

#[test]
fn secrets_by_their_place_or_look_are_found() {
    let named = "a secret given to a name";
    let in_url = "a URL with a password in it";
    for (sample, seen_as) in [
        (
            concat!("https://user:", "hunter2@example.com/a.git"),
            in_url,
        ),
        (concat!("postgres://app:", "s3cr3t#x@db:5432/app"), in_url),
        (
            concat!("https://x-access-token:", "abc123@github.com/o/r"),
            in_url,
        ),
        (
            concat!("git clone https://9f8e7d6c5b4a", "39281706@host/r"),
            "a URL with a token in it",
        ),
        (concat!("password=S3cr3t", "P@ssw0rd!"), named),
        (
            concat!(
                "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/",
                "bPxRfiCYEXAMPLEKEY"
            ),
            named,
        ),
        (
            concat!("  \"apiKey\": \"0123456789ab", "cdef0123456789abcdef\","),
            named,
        ),
        (concat!("api_key: abcd1234efgh", "5678ijkl9012"), named),
        (concat!("export DB_PASSWORD='kT9$vQ2", "!mZ7xLp4w'"), named),
        (
            concat!("const TOKEN: &str = \"q8Zr2Lm9", "Xw4Tn7Vb\";"),
            named,
        ),
        (
            concat!("Authorization: Bearer mF9kB5f4", "1JqMzR7xQ2"),
            named,
        ),
        (concat!("--token=Zx81kLmQ90", "pWvRt2"), named),
        (concat!("<password>kT9vQ2mZ", "7xLp4w</password>"), named),
        (
            concat!(
                "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1",
                "OUzFT50uSRZ6IFsuFq2UVErCz4I6tq=="
            ),
            named,
        ),
        (concat!(":client_secret => 'kT9vQ2mZ", "7xLp4w'"), named),
        (
            concat!(
                "https://h.example/cb?access_token=2YotnFZFEjr1",
                "zCsicMWpAA&x=1"
            ),
            named,
        ),
        (
            concat!("it says V7xQ2mK9pLw4ZtR8", "nBv3CsY6dHf1JgA5 here"),
            "a long random token",
        ),
        (
            concat!("z3Uuv7+Xsn+acg0ZNRsw1/ZEl1FJ", "EMw3kV0N0MaAZuEq"),
            "a long random token",
        ),
    ] {
        assert_eq!(what(sample), Some(seen_as), "{sample}");
    }
}

#[test]
fn engineering_text_is_left_alone() {
    for text in [
        "The password is checked before the token expires; see the secret store for details.",
        "Tokens begin with ghp_ or github_pat_, keys with sk- or AKIA, and eyJ marks a JWT.",
        "let token = self.next_token().ok_or(Error::UnexpectedEnd)?;",
        "pub fn authenticate(&self, password: &SecretString, api_key: Option<&str>) -> bool {",
        "    secret: std::env::var(\"CLIENT_SECRET_FROM_ENVIRONMENT\")?,",
        "private_key: ed25519.Ed25519PrivateKey, f_priv: _FragList",
        "-    token: TokenStream2::from_str(input)",
        "+    let refresh_token_interval_seconds = configuration.tokenRefreshInterval2;",
        "@@ -12,7 +12,9 @@ impl AbstractSingletonProxyFactoryBean3 {",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "index 9fceb02d0a..e95dc970b7 100644",
        "tree 6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
        "akamai/openssl/commit/bf4b08ecfbb7a26ca4b0b9ecaee3b31d18d7bda9",
        "request-id: 550e8400-e29b-41d4-a716-446655440000",
        "api_key = \"550e8400-e29b-41d4-a716-446655440000\"",
        "token: 2026-01-25-slug-of-words-q7mt",
        "handoffs/2026-01-25-move-the-parser-out-of-the-way-x3p9.md",
        "src/authority/rules/foreign_scope.rs:147: unresolved import `crate::domain::Scope2`",
        "/nix/store/0c4wps9ksrn2gz4vlzhlcm4p3m8m7w1x-glibc-2.37-8/lib/libpthread.so.0",
        "target/debug/deps/libserde_json-1a2b3c4d5e6f7a8b.rlib",
        concat!(
            "\"integrity\": \"sha512-Zo5q0fWuTdhUQ9Kx1Yv7RbnPzM3sJc8eL2aGiHtX4wBk6DyVfNpO",
            "qSrTuEmCjI9g==\""
        ),
        concat!(
            "github.com/pkg/errors v0.9.1 h1:FEBLx1zS214owpjy7qsBeixb",
            "URkuhQAwrK5UwLGTwt4="
        ),
        concat!(
            "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDm",
            "9zbTMKpYVxCqQ7w key fingerprint"
        ),
        "checksum = \"72ddd0b3ec2cb4e1b3f4a7c9d5e6f80912a3b4c5d6e7f8091a2b3c4d5e6f7081\"",
        concat!(
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1k",
            "Zq8Xw4Tn7Vb2Lm9Rr5Ys0Pd3Qf6Hg1Jt a@b"
        ),
        concat!(
            "![](data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA",
            "AAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk)"
        ),
        concat!(
            "https://docs.example.com/d/1BxiMVs0XRA5nFMdKvBdBZj",
            "gmUUqptlbs74OgvE2upms/edit#gid=0"
        ),
        "https://github.com/o/r/issues/147?page=2 and ssh://git@github.com:22/o/r.git",
        "git@github.com:owner/repository.git",
        "https://user:xxxxxx@host, https://user:$TOKEN@host, https://x:TOKEN@host, https://***@host",
        "https://<user>:<password>@host/path",
        concat!("gh", "p_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        concat!("gl", "pat-the-name-of-the-prefix-is-not-a-key"),
        concat!("sk", "-ant-api03-your-key-goes-here-please"),
        "token: ${{ secrets.GITHUB_TOKEN }}",
        "password: <your password, at least 12 characters>",
        "API_KEY=$MY_API_KEY_FROM_2024 TOKEN=${TOKEN} SECRET=changeme-12345678",
        "api_key: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "secret=/run/secrets/db_password_v2",
        "password: correct-horse-battery-staple",
        "expires_token: 1737800000000000000",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "getUserAuthenticationTokenFromRequestHeaderOrCookie2WithFallback",
        "THE_MAXIMUM_NUMBER_OF_CONCURRENT_SESSIONS_PER_WORKER_V2_DEFAULT",
        "node 01ARZ3NDEKTSV4RRFFQ69G5FAV fence 7",
        "0x298f6e7CC02D6aa94E2b135f46F1761da7A44E58",
        "| `-----BEGIN CERTIFICATE-----` | a certificate |",
        "task-0123456789abcdef0123456789abcdef",
        "токен: пароль-очень-длинный 🕴 名前: 前",
    ] {
        assert_eq!(find(text), None, "{text}");
    }
}

#[test]
fn certificates_are_public_and_end() {
    let body = concat!(
        "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkq",
        "hkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ"
    );
    let certificate = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    assert_eq!(find(&certificate), None);
    let what = "a long random token";
    let mentioned = format!("see `-----BEGIN CERTIFICATE-----`\n{body}");
    assert_eq!(find(&mentioned), Some(Finding { line: 2, what }));
    let line = 4;
    assert_eq!(
        find(&format!("{certificate}{body}")),
        Some(Finding { line, what })
    );
}

#[test]
fn the_line_is_counted_from_one() {
    let text = concat!(
        "# Title\r\n\r\nall is well\r\nkey: AK",
        "IAIOSFODNN7EXAMPLE\r\n"
    );
    let line = 4;
    let what = "an AWS access key id";
    assert_eq!(find(text), Some(Finding { line, what }));
}

#[test]
fn urls_lose_their_credentials() {
    for (text, redacted) in [
        (
            "https://user:hunter2@example.com/a.git",
            "https://***@example.com/a.git",
        ),
        (
            "fatal: 'https://tok3n@h/x' and http://a:b@c.",
            "fatal: 'https://***@h/x' and http://***@c.",
        ),
        ("https://u:p@ss@host/", "https://***@host/"),
        ("postgres://u:p/a?s#s@db:5432/x", "postgres://***@db:5432/x"),
        ("https://u:p@[::1]:80/", "https://***@[::1]:80/"),
        ("ssh://git@github.com/o/r", "ssh://git@github.com/o/r"),
        ("ssh://git:pw@github.com/o/r", "ssh://***@github.com/o/r"),
        (
            "https://host:8080/@scope/p?mail=a@b.c",
            "https://host:8080/@scope/p?mail=a@b.c",
        ),
        ("http://[::1]:80/a@b", "http://[::1]:80/a@b"),
        ("http://[::1]/a@b", "http://[::1]/a@b"),
        ("<https://host> a@b", "<https://host> a@b"),
        (
            "mail a@b, git@github.com:o/r, ://, https://",
            "mail a@b, git@github.com:o/r, ://, https://",
        ),
    ] {
        assert_eq!(redact_url(text), redacted);
        assert_eq!(redact_url(redacted), redacted, "twice is once");
    }
}

#[test]
fn hostile_text_is_judged_in_bounded_time() {
    for part in [
        "token:",
        "://a:b",
        "eyJ-",
        concat!("sk-", "proj-"),
        "SG.",
        "x=",
        "a>b:",
    ] {
        assert_eq!(find(&part.repeat(8_000)), None, "{part}");
        assert!(redact_url(&part.repeat(8_000)).len() >= 16_000);
    }
}

proptest! {
    #[test]
    fn any_text_is_judged(text in "\\PC{0,80}|([:=>@/'\"`#. a-z0-9é🕴\u{a0}\\n]|://|token){0,40}") {
        // It must come to an end, whatever it says.
        let _ = find(&text);
        let once = redact_url(&text);
        prop_assert_eq!(&redact_url(&once), &once);
        if !text.contains("://") {
            prop_assert_eq!(once, text);
        }
    }

    #[test]
    fn a_key_is_found_wherever_it_stands(before in "([a-z ]{0,20}\\n){0,5}", lead in "([a-z]{0,9}[ \"'=:(,])?", tail in "[A-Za-z0-9]{36}") {
        // What reads as a placeholder is none.
        let low = tail.to_lowercase();
        let words = ["your", "xxxx", "placeholder", "changeme", "redacted", "replace"];
        prop_assume!(!words.iter().any(|word| low.contains(word)));
        let text = format!("{before}{lead}{}{tail} and more", concat!("gh", "p_"));
        let line = before.lines().count() + 1;
        prop_assert_eq!(find(&text), Some(Finding { line, what: "a GitHub token" }));
    }

    #[test]
    fn no_password_survives_redaction(user in "[a-z]{1,8}", password in "[a-zA-Z0-9!$%&*:@,.]{1,20}|[a-zA-Z0-9!#$%&*/?:,.]{1,20}", host in "[a-z]{1,8}\\.example") {
        let password = format!("Q{password}Q");
        let text = format!("before https://{user}:{password}@{host}/path after");
        prop_assert_eq!(redact_url(&text), format!("before https://***@{host}/path after"));
    }
}

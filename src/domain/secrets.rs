//! What looks like a credential, so that none enters a document that travels.
//!
//! Four looks at every line: known key formats, passwords in URLs, values given to a name such as
//! `password` or `api_key`, and long random tokens. It stops accidents, not a determined leak.
//!
//! Left alone on purpose, because engineering text is full of them: object ids and other
//! hexadecimal digests, UUIDs, integrity lines of lock files, public keys and certificates,
//! random parts of URLs and of file names, images embedded as `data:` URLs, placeholders.

mod entropy;
mod formats;

#[cfg(test)]
mod tests;

/// Something that looks like a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// The line that holds it, counted from 1.
    pub line: usize,
    /// What it looks like, to be said as "line 3 looks like …".
    pub what: &'static str,
}

/// The first line of `text` that holds what looks like a credential.
pub fn find(text: &str) -> Option<Finding> {
    let mut in_public_block = false;
    for (index, line) in text.lines().enumerate() {
        in_public_block |= begins_block(line);
        let what = private_key(line)
            .or_else(|| formats::known(line))
            .or_else(|| password_in_url(line))
            .or_else(|| assignment(line))
            .or_else(|| (!in_public_block).then(|| random_token(line))?);
        if let Some(what) = what {
            let line = index + 1;
            return Some(Finding { line, what });
        }
        if line.contains("-----END ") {
            in_public_block = false;
        }
    }
    None
}

/// `text` without the lines that look like credentials; in the place of each stands what it looked like.
pub fn without(text: &str) -> String {
    if find(text).is_none() {
        return text.to_owned();
    }
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // Each turn takes one line out, so it ends.
    while let Some(found) = find(&lines.join("\n")) {
        let line = &mut lines[found.line - 1];
        let said = format!("(here stood what looks like {})", found.what);
        *line = if *line == said { String::new() } else { said };
    }
    lines.join("\n")
}

/// `text` with the credentials of every URL in it replaced: `https://***@host/path`.
///
/// The user `git` without a password is a convention, not a credential, and stays.
pub fn redact_url(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        redacted.push_str(before);
        redacted.push_str("://");
        rest = after;
        if let Some(user) = user_part(after).filter(|user| *user != "git") {
            redacted.push_str("***");
            rest = &after[user.len()..];
        }
    }
    redacted.push_str(rest);
    redacted
}

/// Enough of a value to judge it, in bytes; this and the next bound the work on hostile text.
const JUDGED: usize = 512;

/// Longer than any user and password of a URL, in bytes.
const LONGEST_USER: usize = 4096;

fn clipped(text: &str, length: usize) -> &str {
    &text[..text.floor_char_boundary(length)]
}

/// What stands before the `@` of a URL, given what follows its `://`.
///
/// A password may hold a raw `/`, `?` or `#`; then what follows the `:` is no port, and the `@`
/// is looked for in the whole URL.
fn user_part(after_scheme: &str) -> Option<&str> {
    let url = clipped(after_scheme, LONGEST_USER)
        .split(|c: char| c.is_whitespace() || "\"<>`|".contains(c))
        .next()?;
    let authority = url.split(['/', '?', '#']).next()?;
    let port = authority.split_once(':').map_or("", |(_, port)| port);
    let is_host = authority.starts_with('[') || port.bytes().all(|b| b.is_ascii_digit());
    let searched = if authority.contains('@') || is_host {
        authority
    } else {
        url
    };
    searched.rsplit_once('@').map(|(user, _)| user)
}

/// A line that is nothing but the head of a PEM block, as itself, quoted or added in a diff.
fn begins_block(line: &str) -> bool {
    let line = line.trim_matches(['+', '>', ' ', '\t', '\r']);
    line.starts_with("-----BEGIN ") && line.ends_with("-----")
}

fn private_key(line: &str) -> Option<&'static str> {
    let (_, label) = line.split_once("-----BEGIN ")?;
    let (label, _) = label.split_once("-----")?;
    let private = label.ends_with("PRIVATE KEY") || label.ends_with("PRIVATE KEY BLOCK");
    private.then_some("a private key")
}

fn password_in_url(line: &str) -> Option<&'static str> {
    line.match_indices("://").find_map(|(at, scheme)| {
        let user = user_part(&line[at + scheme.len()..])?;
        match user.split_once(':') {
            Some((_, password)) => {
                let is_variable = password
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b == b'_');
                let is_secret = !is_variable && !is_placeholder(password);
                is_secret.then_some("a URL with a password in it")
            }
            None => is_secret_value(user).then_some("a URL with a token in it"),
        }
    })
}

/// Ends of names whose value is a credential; `_`, `-` and `.` in the name do not count.
const SECRET_NAMES: [&str; 15] = [
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "secret",
    "secretkey",
    "token",
    "apikey",
    "accesskey",
    "accountkey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "authorization",
];

/// `name = value`, `"name": "value"`, `--name=value`, `<name>value`, `name: &str = "value"`.
fn assignment(line: &str) -> Option<&'static str> {
    line.match_indices([':', '=', '>']).find_map(|(at, _)| {
        if !names_a_secret(&line[..at]) {
            return None;
        }
        let value = clipped(&line[at..], JUDGED).trim_start_matches([':', '=', '>', ' ', '\t']);
        let typed = value.split_once('=').map(|(_, value)| value.trim_start());
        [Some(value), typed]
            .into_iter()
            .flatten()
            .any(|value| is_secret_value(bare(value)))
            .then_some("a secret given to a name")
    })
}

fn names_a_secret(before: &str) -> bool {
    let name = before.trim_end_matches([' ', '\t', '"', '\'', '`', ']']);
    let name = name
        .rsplit(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
        .next()
        .unwrap_or_default()
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .replace(['_', '-', '.'], "")
        .to_ascii_lowercase();
    SECRET_NAMES.iter().any(|end| name.ends_with(end))
}

/// A value without its quotes, its authentication scheme and what follows it.
fn bare(value: &str) -> &str {
    let value = value.trim_start_matches(['"', '\'', '`', '\\']);
    let value = ["Bearer ", "Basic ", "Token ", "bearer ", "basic ", "token "]
        .iter()
        .find_map(|scheme| value.strip_prefix(scheme))
        .unwrap_or(value);
    let ends = |c: char| c.is_whitespace() || "\"'`\\,;&<>)]}|".contains(c);
    value.split(ends).next().unwrap_or_default()
}

fn is_secret_value(value: &str) -> bool {
    // The longer a value, the surer its share of rough neighbours.
    let rough = if value.len() < 32 { 0.4 } else { 0.33 };
    let is_code = value.contains('(') || value.contains("://") || value.contains("::");
    value.len() >= 12
        && !is_code
        && !is_placeholder(value)
        && !entropy::is_uuid(value)
        && !is_digest(value)
        && entropy::bits_per_char(value) >= 3.0
        && (entropy::roughness(value) >= rough || entropy::is_dense(value))
}

/// Letters that stand for a value to come: `xxxx`, `<token>`, `$TOKEN`, `your-key`.
fn is_placeholder(value: &str) -> bool {
    let folded = value.to_ascii_lowercase();
    folded.starts_with(['$', '<', '{', '%', '['])
        || folded.contains("${")
        || folded.contains("{{")
        || folded.bytes().all(|b| b"x*.-_?".contains(&b))
        || ["your", "placeholder", "changeme", "redacted", "replace"]
            .iter()
            .any(|word| folded.contains(word))
}

/// `sha512-…` and its like, as lock files write them.
fn is_digest(token: &str) -> bool {
    ["sha1", "sha256", "sha384", "sha512", "SHA256", "h1", "md5"]
        .iter()
        .filter_map(|name| token.strip_prefix(name))
        .any(|rest| rest.starts_with(['-', ':', '_', '=', '/']))
}

/// A long token that no person, path or digest would spell.
fn random_token(line: &str) -> Option<&'static str> {
    line.split_whitespace()
        .any(holds_random_token)
        .then_some("a long random token")
}

fn holds_random_token(word: &str) -> bool {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || "+/_-".contains(c);
    let url = word.find("://").unwrap_or(word.len());
    let mut start = 0;
    word.split_inclusive(|c| !is_inside(c)).any(|part| {
        let before = &word[..start];
        start += part.len();
        let token = part.trim_end_matches(|c| !is_inside(c));
        before.len() <= url && entropy::is_random(token) && !is_public(before, token)
    })
}

/// Whether everybody may see a random token, as itself or what stands before it tells.
fn is_public(before: &str, token: &str) -> bool {
    let introductions = [
        "h1:", "sha1:", "sha256:", "sha384:", "sha512:", "SHA256:", ";base64,",
    ];
    let is_ssh_public_key = token.starts_with("AAAA");
    is_ssh_public_key
        || is_digest(token)
        || is_placeholder(token)
        || introductions.iter().any(|end| before.ends_with(end))
}

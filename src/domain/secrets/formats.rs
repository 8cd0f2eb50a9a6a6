//! Key formats that their issuers made recognisable by a prefix.

/// One format: `prefix`, then `shortest` to `longest` letters, digits and characters of `also`.
struct Format {
    prefix: &'static str,
    also: &'static str,
    shortest: usize,
    longest: usize,
    what: &'static str,
}

const fn at_least(
    prefix: &'static str,
    also: &'static str,
    shortest: usize,
    what: &'static str,
) -> Format {
    Format {
        prefix,
        also,
        shortest,
        longest: usize::MAX,
        what,
    }
}

const fn exactly(prefix: &'static str, length: usize, what: &'static str) -> Format {
    Format {
        prefix,
        also: "",
        shortest: length,
        longest: length,
        what,
    }
}

/// Lengths are the issuers', or somewhat less where they vary.
const FORMATS: [Format; 45] = [
    exactly("AKIA", 16, "an AWS access key id"),
    exactly("ASIA", 16, "an AWS access key id"),
    at_least("ghp_", "", 30, "a GitHub token"),
    at_least("gho_", "", 30, "a GitHub token"),
    at_least("ghu_", "", 30, "a GitHub token"),
    at_least("ghs_", "", 30, "a GitHub token"),
    at_least("ghr_", "", 30, "a GitHub token"),
    at_least("github_pat_", "_", 22, "a GitHub token"),
    at_least("glpat-", "-_", 20, "a GitLab token"),
    at_least("gldt-", "-_", 20, "a GitLab token"),
    at_least("glrt-", "-_", 20, "a GitLab token"),
    at_least("glptt-", "-_", 20, "a GitLab token"),
    at_least("xoxa-", "-", 15, "a Slack token"),
    at_least("xoxb-", "-", 15, "a Slack token"),
    at_least("xoxe-", "-", 15, "a Slack token"),
    at_least("xoxp-", "-", 15, "a Slack token"),
    at_least("xoxr-", "-", 15, "a Slack token"),
    at_least("xoxs-", "-", 15, "a Slack token"),
    at_least("xapp-", "-", 20, "a Slack token"),
    at_least("hooks.slack.com/services/", "/", 30, "a Slack webhook"),
    at_least("sk_live_", "", 16, "a Stripe key"),
    at_least("rk_live_", "", 16, "a Stripe key"),
    at_least("whsec_", "+/", 24, "a webhook secret"),
    at_least("sk-ant-", "-_", 20, "an Anthropic key"),
    at_least("sk-proj-", "-_", 20, "an OpenAI key"),
    at_least("sk-svcacct-", "-_", 20, "an OpenAI key"),
    at_least("sk-admin-", "-_", 20, "an OpenAI key"),
    at_least("sk-or-v1-", "", 32, "an OpenRouter key"),
    at_least("sk-", "", 20, "an OpenAI key"),
    at_least("AIza", "-_", 35, "a Google API key"),
    at_least("ya29.", "-_", 20, "a Google access token"),
    at_least("GOCSPX-", "-_", 28, "a Google client secret"),
    at_least("npm_", "", 30, "an npm token"),
    at_least("pypi-", "-_", 40, "a PyPI token"),
    at_least("m0sk_", "-_", 16, "a mem0 key"),
    at_least("m0-", "", 32, "a mem0 key"),
    at_least("SG.", "-_.", 40, "a SendGrid key"),
    exactly("SK", 32, "a Twilio key"),
    at_least("hf_", "", 30, "a Hugging Face token"),
    at_least("dop_v1_", "", 40, "a DigitalOcean token"),
    at_least("dckr_pat_", "-_", 20, "a Docker token"),
    at_least("shpat_", "", 32, "a Shopify token"),
    at_least("lin_api_", "", 32, "a Linear key"),
    at_least("tskey-", "-", 20, "a Tailscale key"),
    at_least("AGE-SECRET-KEY-1", "", 40, "an age key"),
];

/// What known key stands in `line`, if any.
pub(super) fn known(line: &str) -> Option<&'static str> {
    FORMATS
        .iter()
        .find(|format| format.stands_in(line))
        .map(|format| format.what)
        .or_else(|| web_token(line))
}

impl Format {
    fn stands_in(&self, line: &str) -> bool {
        line.match_indices(self.prefix).any(|(at, prefix)| {
            let tail = run(&line[at + prefix.len()..], self.also);
            begins_a_word(line, at)
                && (self.shortest..=self.longest).contains(&tail.len())
                && !super::is_placeholder(tail)
                && (self.also.is_empty() || is_machine_made(tail))
        })
    }
}

/// `eyJ….eyJ….…`: a JSON Web Token, two base64 objects and a signature.
fn web_token(line: &str) -> Option<&'static str> {
    line.match_indices("eyJ")
        .any(|(at, _)| {
            let token = super::clipped(&line[at..], super::LONGEST_USER);
            let mut parts = token.split('.').map(|part| run(part, "-_"));
            begins_a_word(line, at)
                && parts.next().is_some_and(|header| header.len() >= 12)
                && parts
                    .next()
                    .is_some_and(|claims| claims.len() >= 12 && claims.starts_with("eyJ"))
                && parts.next().is_some()
        })
        .then_some("a JSON Web Token")
}

fn run<'a>(text: &'a str, also: &str) -> &'a str {
    let text = super::clipped(text, super::JUDGED);
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || also.contains(c)));
    &text[..end.unwrap_or(text.len())]
}

/// Nothing, no letter or digit, or an escape (`\n`, `%3D`) stands before.
fn begins_a_word(line: &str, at: usize) -> bool {
    let before = &line.as_bytes()[..at];
    match before {
        [.., b'\\', _] | [.., b'%', _, _] | [] => true,
        [.., last] => !last.is_ascii_alphanumeric(),
    }
}

/// Where a format allows separators, words could follow its prefix: a key has one long part of
/// letters and digits mixed, or of both cases.
fn is_machine_made(tail: &str) -> bool {
    tail.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| {
            let has = |class: fn(&u8) -> bool| usize::from(part.bytes().any(|b| class(&b)));
            let classes =
                has(u8::is_ascii_digit) + has(u8::is_ascii_lowercase) + has(u8::is_ascii_uppercase);
            part.len() >= 8 && (classes >= 2 || part.bytes().all(|b| b.is_ascii_digit()))
        })
}

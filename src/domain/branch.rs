//! Names of branches: an issue's branch by the configured pattern, and what git takes for a name.

use super::escape::one_line;
use super::id::AgentId;
use super::slug::slug;

/// The longest name of a branch, in bytes: longer ones do not fit into a file's name.
const LONGEST: usize = 200;
/// The longest title in a branch's name, in characters.
const LONGEST_TITLE: usize = 40;
/// What a pattern may be filled with.
const PLACES: [&str; 3] = ["{user}", "{number}", "{title}"];

/// A name that no branch may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBranch {
    /// The pattern asks for something unknown.
    #[error("branchPattern \"{0}\" has a place that is none of {{user}}, {{number}} and {{title}}")]
    Place(String),
    /// Git, or we, refuse the name.
    #[error("\"{0}\" cannot be the name of a branch")]
    Name(String),
}

impl crate::error::Explain for BadBranch {
    fn kind(&self) -> crate::error::Kind {
        crate::error::Kind::Usage
    }
    fn next(&self) -> Option<String> {
        Some("ghp config set branchPattern \"{user}/{number}-{title}\"".to_owned())
    }
}

/// The branch of an issue: the pattern with the agent, the number and the title's slug in it.
pub fn of_issue(
    pattern: &str,
    agent: &AgentId,
    number: u64,
    title: &str,
) -> Result<String, BadBranch> {
    let title = slug(title, LONGEST_TITLE);
    let name = pattern
        .replace(PLACES[0], agent.as_str())
        .replace(PLACES[1], &number.to_string())
        .replace(PLACES[2], &title);
    if name.contains(['{', '}']) {
        return Err(BadBranch::Place(one_line(pattern, 80)));
    }
    if is_name(&name) {
        Ok(name)
    } else {
        Err(BadBranch::Name(one_line(&name, 80)))
    }
}

/// The issue that a branch is named after: the pattern read backwards. `{user}` stands only for a name that `is_user`
/// knows and `{number}` only for an issue that `is_issue` knows, so that `feature/2-factor-auth` names none.
pub fn issue_of(
    pattern: &str,
    branch: &str,
    is_user: impl Fn(&str) -> bool,
    is_issue: impl Fn(u64) -> bool,
) -> Option<u64> {
    let known = Known {
        is_user: &is_user,
        is_issue: &is_issue,
    };
    known
        .fit(pattern, branch, NONE)
        .filter(|number| *number != NONE)
}

/// No issue has this number: none was found yet.
const NONE: u64 = 0;

struct Known<'a> {
    is_user: &'a dyn Fn(&str) -> bool,
    is_issue: &'a dyn Fn(u64) -> bool,
}

impl Known<'_> {
    /// Fits the rest of the pattern to the rest of the name; what is found is the number, or [`NONE`].
    fn fit(&self, pattern: &str, name: &str, number: u64) -> Option<u64> {
        let Some(place) = PLACES.iter().find(|place| pattern.starts_with(**place)) else {
            let mut rest = pattern.chars();
            return match rest.next() {
                None => name.is_empty().then_some(number),
                Some(c) => self.fit(rest.as_str(), name.strip_prefix(c)?, number),
            };
        };
        let rest = &pattern[place.len()..];
        // None of them reaches beyond a slash.
        let longest = name.find('/').unwrap_or(name.len());
        let mut ends = (1..=longest).filter(|end| name.is_char_boundary(*end));
        ends.find_map(|end| {
            let (word, after) = name.split_at(end);
            let number = match *place {
                "{number}" => plain_number(word).filter(|number| {
                    !after.starts_with(|c: char| c.is_ascii_digit()) && (self.is_issue)(*number)
                })?,
                "{user}" => (self.is_user)(word).then_some(number)?,
                _ => number,
            };
            self.fit(rest, after, number)
        })
    }
}

fn plain_number(word: &str) -> Option<u64> {
    let plain = !word.starts_with('0') && word.bytes().all(|byte| byte.is_ascii_digit());
    if plain { word.parse().ok() } else { None }
}

/// Whether a branch of the code may have this name: git's rules, no option, nothing in the way of the branch `ghp`.
pub fn is_name(name: &str) -> bool {
    let good_part = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && part.strip_suffix(".lock").is_none()
    };
    let good =
        |c: char| !c.is_control() && !matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    name.len() <= LONGEST
        && !matches!(name, "@" | "HEAD" | "ghp")
        && !name.starts_with('-')
        && !name.starts_with("ghp/")
        && !name.starts_with("refs/")
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.contains("@{")
        && name.chars().all(good)
        && name.split('/').all(good_part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agent() -> AgentId {
        "worker-1".parse().expect("a name")
    }

    #[test]
    fn by_the_pattern() {
        let name = |pattern, title| of_issue(pattern, &agent(), 147, title);
        let usual = "{user}/{number}-{title}";
        for (pattern, title, branch) in [
            (usual, "Dashboard command", "worker-1/147-dashboard-command"),
            (usual, "../../etc/passwd", "worker-1/147-etc-passwd"),
            (
                usual,
                "--upload-pack=x; $(rm -rf /) @{u} {user}",
                "worker-1/147-upload-pack-x-rm-rf-u-user",
            ),
            (usual, "日本語", "worker-1/147-item"),
            ("issue-{number}", "x", "issue-147"),
            ("{title}.x", "a.lock", "a-lock.x"),
        ] {
            assert_eq!(name(pattern, title).as_deref(), Ok(branch));
        }
        for pattern in [
            "{who}/{number}",
            "-{number}",
            "ghp",
            "ghp/{title}",
            "../{number}",
            "a b",
            "x/.{number}",
            "{number}.lock",
            "",
            "a//b",
            "refs/{number}",
            "{number}/",
        ] {
            assert!(name(pattern, "x").is_err(), "{pattern}");
        }
        let long = name(usual, &"word ".repeat(40)).expect("a name");
        assert!(
            long.len() <= "worker-1/147-".len() + LONGEST_TITLE,
            "{long}"
        );
    }

    #[test]
    fn backwards() {
        let of = |pattern, branch| {
            issue_of(
                pattern,
                branch,
                |user| ["worker-1", "ana", "a-2"].contains(&user),
                |number| [2, 8, 14, 147].contains(&number),
            )
        };
        let usual = "{user}/{number}-{title}";
        for (pattern, branch, issue) in [
            (usual, "worker-1/147-dashboard-command", Some(147)),
            (usual, "ana/147-x", Some(147)),
            (usual, "a-2/2-factor-auth", Some(2)),
            (usual, "feature/2-factor-auth", None),
            (usual, "fix-utf-8-decoding", None),
            (usual, "worker-1/utf-8-decoding", None),
            (usual, "worker-1/147", None),
            (usual, "worker-1/147-", None),
            (usual, "worker-1/0147-x", None),
            (usual, "worker-1/148-x", None),
            (usual, "worker-1/1470-x", None),
            (usual, "worker-1/147-x/y", None),
            (usual, "x/worker-1/147-x", None),
            (usual, "", None),
            (usual, "main", None),
            ("issue-{number}", "issue-14", Some(14)),
            ("issue-{number}", "issue-147", Some(147)),
            ("issue-{number}", "issue-1", None),
            ("{title}-{number}", "fix-utf-8", Some(8)),
            ("{title}-{number}", "fix-utf-8-decoding", None),
            ("{user}-{number}", "a-2-14", Some(14)),
            ("{title}", "147", None),
            ("work", "work", None),
            ("{number}-{title}", "14-日本", Some(14)),
        ] {
            assert_eq!(of(pattern, branch), issue, "{pattern} {branch}");
        }
    }

    proptest! {
        #[test]
        fn there_and_back(number in 1_u64..9999, title in "\\PC{0,60}") {
            for pattern in ["{user}/{number}-{title}", "{number}-{title}", "x/{title}.{number}", "{user}-{number}"] {
                let Ok(name) = of_issue(pattern, &agent(), number, &title) else { continue };
                let back = issue_of(pattern, &name, |user| user == "worker-1", |other| other == number);
                prop_assert_eq!(back, Some(number), "{}", name);
            }
        }

        #[test]
        fn no_title_escapes(title in "\\PC*|[./@{}~^:\\\\ -]*") {
            let name = of_issue("{user}/{number}-{title}", &agent(), 3, &title).expect("always a name");
            prop_assert!(name.starts_with("worker-1/3-") && name.matches('/').count() == 1 && is_name(&name));
            prop_assert!(git2::Branch::name_is_valid(&name).expect("no NUL"));
        }

        #[test]
        fn what_is_a_name_is_one_for_git(name in "[a-c./@{}~^:?*\\[\\\\ -]{1,12}") {
            if is_name(&name) {
                prop_assert!(git2::Branch::name_is_valid(&name).expect("no NUL"), "{name}");
            }
        }
    }
}

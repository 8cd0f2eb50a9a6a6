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

    proptest! {
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

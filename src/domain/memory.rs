//! Memories: what should outlive the work, and which of them bind where the work is.

use super::glob::Glob;
use super::issue::Issue;
use super::search::{self, Text};
use super::time::Timestamp;

/// So many are brought up unasked.
pub const BROUGHT_UP: usize = 3;
/// A title has to share so many words with an issue's to be brought up for it, when the issue's has as many.
const LIKE: usize = 2;

/// Something that was learned.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    /// Its document's name.
    pub id: String,
    /// One line: the thing itself.
    pub title: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The issue that it is about, or was learned on.
    pub issue: Option<u64>,
    /// Who wrote it down.
    pub from: String,
    /// When.
    pub created_at: Option<Timestamp>,
    /// Globs of the paths that it is about; none: any.
    pub scope: Vec<String>,
    /// What its maker said so that a repetition makes no second one.
    pub request_id: Option<String>,
    /// What there is to say beyond the title, Markdown.
    pub body: String,
}

impl Memory {
    /// What a search looks at.
    pub fn text(&self) -> Text<'_> {
        Text {
            title: &self.title,
            tags: &self.tags,
            body: &self.body,
        }
    }

    /// Whether it is about paths that the issue is about.
    fn meets(&self, scope: &[Glob]) -> bool {
        let own = globs(&self.scope);
        own.iter()
            .any(|own| scope.iter().any(|other| own.may_meet(other)))
    }
}

/// The order of every list: the newest first.
pub fn by_newest(a: &Memory, b: &Memory) -> std::cmp::Ordering {
    (b.created_at, &b.id).cmp(&(a.created_at, &a.id))
}

/// The few that bind on an issue: its own, then those about its paths, then those like its title. `memories`: the newest
/// first. One that is about other paths than the issue never binds by its words.
pub fn binding<'a>(memories: &'a [Memory], issue: &Issue) -> Vec<&'a Memory> {
    let scope = globs(&issue.scope);
    let is_own = |it: &&Memory| it.issue == Some(issue.number);
    let is_near = |it: &&Memory| !is_own(it) && it.meets(&scope);
    let is_free = |it: &&Memory| {
        !is_own(it) && !it.meets(&scope) && (it.scope.is_empty() || scope.is_empty())
    };
    let free: Vec<&Memory> = memories.iter().filter(is_free).collect();
    let texts: Vec<Text<'_>> = free.iter().map(|it| it.text()).collect();
    let enough = search::words(&issue.title).len().min(LIKE);
    let like = search::ranked(&issue.title, &texts)
        .into_iter()
        .filter(|hit| hit.matched >= enough)
        .map(|hit| free[hit.index]);
    let own = memories.iter().filter(is_own);
    let near = memories.iter().filter(is_near);
    own.chain(near).chain(like).take(BROUGHT_UP).collect()
}

/// Those that are patterns: a document typed by hand may hold others.
fn globs(patterns: &[String]) -> Vec<Glob> {
    patterns
        .iter()
        .filter_map(|pattern| Glob::parse(pattern).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(id: &str, title: &str) -> Memory {
        Memory {
            id: id.into(),
            title: title.into(),
            ..Memory::default()
        }
    }

    fn scoped(id: &str, title: &str, scope: &str) -> Memory {
        Memory {
            scope: vec![scope.into()],
            ..memory(id, title)
        }
    }

    #[test]
    fn the_few_that_bind() {
        let own = Memory {
            issue: Some(147),
            ..memory("own", "x")
        };
        let all = [
            memory("like", "The dashboard renders in one command"),
            memory("one-word", "A dashboard of another program"),
            scoped("near", "y", "src/dashboard/render.rs"),
            scoped("elsewhere", "The dashboard command", "src/metrics/**"),
            scoped("odd", "z", "["),
            own,
        ];
        let issue = Issue {
            number: 147,
            title: "Dashboard command".into(),
            scope: vec!["src/dashboard/**".into()],
            ..Issue::default()
        };
        let ids = |issue: &Issue| -> Vec<String> {
            let found = binding(&all, issue);
            found.iter().map(|it| it.id.clone()).collect()
        };
        assert_eq!(ids(&issue), ["own", "near", "like"]);
        // Without a scope any path may be meant.
        let anywhere = Issue {
            number: 148,
            scope: Vec::new(),
            ..issue.clone()
        };
        assert_eq!(ids(&anywhere), ["elsewhere", "like"]);
        let other = Issue {
            number: 149,
            title: "Renderers".into(),
            ..anywhere
        };
        assert_eq!(ids(&other), Vec::<String>::new());
        assert_eq!(binding(&[], &issue), Vec::<&Memory>::new());
    }

    #[test]
    fn the_newest_first() {
        let at = |id: &str, at| Memory {
            created_at: Some(Timestamp::from_seconds(at)),
            ..memory(id, "")
        };
        let mut all = [at("a", 1), memory("z", ""), at("c", 2), at("b", 2)];
        all.sort_by(by_newest);
        assert_eq!(all.map(|it| it.id), ["c", "b", "a", "z"]);
    }
}

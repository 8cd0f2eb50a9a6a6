//! Who was in a group, and for how long, as its history tells.

use super::Group;
use crate::domain::time::Timestamp;

/// One time that an agent was in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// The agent.
    pub agent: String,
    /// Since when.
    pub from: Timestamp,
    /// Until when; `None`: it still is.
    pub until: Option<Timestamp>,
}

impl Stay {
    /// How long it was, in seconds.
    pub fn seconds(&self, now: Timestamp) -> i64 {
        self.until.unwrap_or(now).since(self.from).max(0)
    }

    /// Whether the agent was in the group at that time.
    pub fn covers(&self, at: Timestamp) -> bool {
        at >= self.from && self.until.is_none_or(|until| at <= until)
    }
}

/// Who came or went by a line of the history that is about this group: the agent, and whether it came.
pub fn moved<'a>(line: &'a str, group: &str) -> Option<(&'a str, bool)> {
    let mut words = line.split(' ');
    let (agent, verb, to) = (words.next()?, words.next()?, words.next()?);
    match verb {
        // A move to another group leaves this one.
        "joins" => Some((agent, to.trim_end_matches([',', ';']) == group)),
        "leaves" => Some((agent, false)),
        "removed" if line.ends_with(" removed from the board") => Some((agent, false)),
        _ => None,
    }
}

/// All stays, in the order in which they began. `lines`: when and what, oldest first. Present members of whom the history
/// says nothing, typed by hand, have been in since their document says so.
pub fn stays<'a>(lines: impl Iterator<Item = (Timestamp, &'a str)>, group: &Group) -> Vec<Stay> {
    let mut stays: Vec<Stay> = Vec::new();
    for (at, line) in lines {
        let Some((agent, came)) = moved(line, &group.name) else {
            continue;
        };
        let open = stays
            .iter_mut()
            .find(|stay| stay.agent == agent && stay.until.is_none());
        match (open, came) {
            (Some(stay), false) => stay.until = Some(at),
            (None, true) => stays.push(Stay {
                agent: agent.to_owned(),
                from: at,
                until: None,
            }),
            (Some(_), true) | (None, false) => {}
        }
    }
    let begun = group.created_at.as_deref().and_then(Timestamp::parse);
    for member in &group.members {
        let is_known = |stay: &Stay| stay.agent == member.agent && stay.until.is_none();
        let joined = member.joined_at.as_deref().and_then(Timestamp::parse);
        if let (false, Some(from)) = (stays.iter().any(is_known), joined.or(begun)) {
            stays.push(Stay {
                agent: member.agent.clone(),
                from,
                until: None,
            });
        }
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::group::Member;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000 + seconds)
    }

    #[test]
    fn who_was_in_it_and_for_how_long() {
        let mut group = Group::new("g", at(0));
        for agent in ["a", "by-hand"] {
            group.members.push(Member {
                agent: agent.into(),
                ..Member::default()
            });
        }
        let lines = [
            (at(1), "a joins g and coordinates it"),
            (at(2), "b joins g"),
            (at(3), "b leaves g"),
            (at(4), "c joins g, from other"),
            (at(5), "c joins other and coordinates it, from g"),
            (at(6), "a is in g"),
            (at(7), "b joins g; a session of b starts"),
            (at(9), "b leaves g"),
            (at(9), "d leaves g"),
            (at(9), "g is to achieve: joins g"),
        ];
        let all = stays(lines.into_iter(), &group);
        let told: Vec<(&str, i64, bool)> = all
            .iter()
            .map(|stay| {
                (
                    stay.agent.as_str(),
                    stay.seconds(at(10)),
                    stay.until.is_none(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("a", 9, true),
                ("b", 1, false),
                ("c", 1, false),
                ("b", 2, false),
                ("by-hand", 10, true)
            ]
        );
        assert!(all[1].covers(at(2)) && !all[1].covers(at(4)));
    }
}

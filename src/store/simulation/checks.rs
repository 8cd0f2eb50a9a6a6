//! What must hold after every step of a history, and at its end.

use std::collections::BTreeSet;

use super::history::{AGENTS, DOCUMENTS, Decision, History, STATUS};
use crate::documents::status::Status;
use crate::store::{Checkpoint, Store};

impl History {
    /// What must hold once the next process has taken the lock.
    pub(super) fn check(&mut self, edited: Option<&'static str>) -> Result<(), String> {
        let typed = edited.map(|document| (document, self.text(document)));
        self.process(false, |store| store.recover().map(drop))
            .unwrap_or(Ok(()))
            .map_err(|error| format!("{:?}: recovery failed: {error}", self.said))?;
        if let Some((document, text)) = typed
            && self.text(document) != text
        {
            return Err(format!(
                "{:?}: recovery overwrote a hand edit of {document}",
                self.said
            ));
        }
        let log = self.log_text();
        for decision in &mut self.decisions {
            decision.recorded |= log.contains(&format!("\"decision {}\"", decision.number));
        }
        self.check_documents()?;
        self.check_entries()?;
        self.check_commits()
    }

    /// A decision that counts: acknowledged, or recorded and still in the log.
    fn stands(&self, decision: &Decision) -> bool {
        decision.acknowledged
            || decision.recorded
                && self
                    .log_text()
                    .contains(&format!("\"decision {}\"", decision.number))
    }

    fn check_documents(&self) -> Result<(), String> {
        for document in DOCUMENTS {
            let newest = self
                .decisions
                .iter()
                .rev()
                .find(|d| d.recorded && d.documents.contains_key(document));
            let Some(decision) = newest.filter(|decision| self.stands(decision)) else {
                continue;
            };
            if self
                .by_hand
                .get(document)
                .is_some_and(|upto| *upto >= decision.number)
            {
                continue;
            }
            let (_, wanted) = &decision.documents[document];
            if self.text(document).as_ref() != Some(wanted) {
                return Err(format!(
                    "{:?}: decision {} on {document} lost: {:?}",
                    self.said,
                    decision.number,
                    self.text(document)
                ));
            }
        }
        for decision in self
            .decisions
            .iter()
            .filter(|decision| decision.recorded && !self.stands(decision))
        {
            let committed = self
                .world
                .borrow()
                .commits
                .iter()
                .any(|(.., message)| names(message, decision.number));
            let there: Vec<bool> = decision
                .documents
                .iter()
                .map(|(document, (_, after))| self.text(document).as_ref() == Some(after))
                .collect();
            let before = decision
                .documents
                .iter()
                .all(|(document, (before, after))| {
                    let text = self.text(document).unwrap_or_default();
                    text == *before || text == *after
                });
            if !committed && before && there.contains(&true) && there.contains(&false) {
                return Err(format!(
                    "{:?}: half of the lost decision {} is there",
                    self.said, decision.number
                ));
            }
        }
        Ok(())
    }

    fn check_entries(&self) -> Result<(), String> {
        let text = self
            .world
            .borrow()
            .now(STATUS)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .unwrap_or_default();
        let status = Status::parse(&text)
            .map_err(|error| format!("{:?}: status unreadable: {error}: {text:?}", self.said))?;
        for agent in AGENTS {
            let newest = self
                .decisions
                .iter()
                .rev()
                .find(|d| d.recorded && d.entries.contains_key(agent));
            let Some(decision) = newest.filter(|decision| self.stands(decision)) else {
                continue;
            };
            let word = status
                .agents
                .get(agent)
                .and_then(|entry| entry.current_task.clone());
            if word.as_ref() != decision.entries.get(agent) {
                return Err(format!(
                    "{:?}: entry {agent} of decision {} lost: {word:?}",
                    self.said, decision.number
                ));
            }
        }
        Ok(())
    }

    fn check_commits(&self) -> Result<(), String> {
        let world = self.world.borrow();
        let mut seen = BTreeSet::new();
        for (.., message) in &world.commits {
            if message.starts_with("decision ") && !seen.insert(message.clone()) {
                return Err(format!("{:?}: committed twice: {message}", self.said));
            }
        }
        Ok(())
    }

    /// In the end everything acknowledged is in the branch, exactly once.
    pub(super) fn end(mut self) -> Result<(), String> {
        self.world.borrow_mut().busy_once = false;
        match self.process(false, Store::checkpoint) {
            Some(Ok(Checkpoint::Made(_))) => {}
            other => return Err(format!("{:?}: the last checkpoint: {other:?}", self.said)),
        }
        let world = self.world.borrow();
        for decision in self
            .decisions
            .iter()
            .filter(|decision| decision.acknowledged)
        {
            let empty = decision.documents.is_empty() && decision.entries.is_empty();
            let commits = world
                .commits
                .iter()
                .filter(|(.., message)| names(message, decision.number))
                .count();
            if !empty && commits != 1 {
                return Err(format!(
                    "{:?}: decision {} is in {commits} commits",
                    self.said, decision.number
                ));
            }
        }
        let (_, tree, _) = world.commits.last().ok_or("no commits")?;
        for document in DOCUMENTS {
            let now = world.now(&format!("docs/{document}"));
            if tree.get(document) != now {
                return Err(format!(
                    "{:?}: the branch holds another {document} than the folder",
                    self.said
                ));
            }
        }
        Ok(())
    }
}

fn names(message: &str, number: u64) -> bool {
    message.lines().next() == Some(&format!("decision {number}"))
}

//! One random history, and what must hold after each of its steps.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use fastrand::Rng;

use super::disk::{Killed, Shared, SimBranch, SimFolder, World};
use crate::domain::time::Timestamp;
use crate::store::Store;
use crate::store::error::StoreError;

/// A lie the world can tell; each must break a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The log's sync does nothing.
    LogNeverSynced,
    /// Recovery applies records that a power cut can still take back.
    RecoveryNeverSyncs,
    /// What a person wrote is not synced before we build on it, nor documents before the log is emptied.
    DocumentsNeverSynced,
    /// Nothing says that a record was applied.
    MarksLost,
    /// Nothing says that a checkpoint was under way.
    IntentsLost,
    /// After a power cut the branch's states are not known as older ones.
    BranchForgotten,
    /// After a power cut earlier records' states are not known as older ones.
    OldRecordsForgotten,
}

impl Fault {
    pub(super) const ALL: [Fault; 7] = [
        Fault::LogNeverSynced,
        Fault::RecoveryNeverSyncs,
        Fault::DocumentsNeverSynced,
        Fault::MarksLost,
        Fault::IntentsLost,
        Fault::BranchForgotten,
        Fault::OldRecordsForgotten,
    ];
}

pub(super) const DOCUMENTS: [&str; 2] = ["caves/w/plan.md", "caves/w/background.md"];
pub(super) const AGENTS: [&str; 2] = ["x", "y"];
pub(super) const STATUS: &str = "docs/agent-status.json";
const LOG: &str = "local/log";

/// What a decision was to do: new texts of documents, new words of entries.
#[derive(Debug, Clone, Default)]
pub(super) struct Decision {
    pub number: u64,
    pub documents: BTreeMap<&'static str, (String, String)>,
    pub entries: BTreeMap<&'static str, String>,
    pub acknowledged: bool,
    /// Its record was whole in the log at some moment.
    pub recorded: bool,
}

/// A history under way.
pub(super) struct History {
    rng: Rng,
    pub(super) world: Shared,
    boot: u64,
    clock: i64,
    pub(super) decisions: Vec<Decision>,
    /// For each document, the number of the last decision before a person wrote it.
    pub(super) by_hand: BTreeMap<&'static str, u64>,
    pub(super) said: Vec<String>,
}

impl History {
    pub(super) fn new(seed: u64, fault: Option<Fault>) -> History {
        let mut world = World {
            fault,
            ..World::default()
        };
        let first = |text: &str| text.as_bytes().to_vec();
        let tree = BTreeMap::from([
            (
                "agent-status.json".to_owned(),
                first("{\n  \"agents\": {}\n}\n"),
            ),
            (DOCUMENTS[0].to_owned(), first("a0")),
            (DOCUMENTS[1].to_owned(), first("b0")),
        ]);
        for (path, content) in &tree {
            world.write(&format!("docs/{path}"), Some(content.clone()));
        }
        world.write(LOG, Some(Vec::new()));
        for file in world.files.values_mut() {
            file.may_remain = vec![file.now.clone()];
        }
        world
            .commits
            .push(("root".to_owned(), tree, "root".to_owned()));
        History {
            rng: Rng::with_seed(seed),
            world: Rc::new(RefCell::new(world)),
            boot: 1,
            clock: 1_700_000_000,
            decisions: Vec::new(),
            by_hand: BTreeMap::new(),
            said: Vec::new(),
        }
    }

    /// A process that opens the store.
    fn open(&self) -> Store {
        self.world.borrow_mut().has_appended = false;
        Store {
            docs: Box::new(SimFolder {
                world: Rc::clone(&self.world),
                name: "docs",
            }),
            local: Rc::new(SimFolder {
                world: Rc::clone(&self.world),
                name: "local",
            }),
            branch: Box::new(SimBranch {
                world: Rc::clone(&self.world),
            }),
            lock: None,
            boot: OnceCell::from(self.boot.to_string()),
            now: Timestamp::from_seconds(self.clock).into(),
            warnings: RefCell::new(Vec::new()),
        }
    }

    /// Runs a process; `None` when it was killed.
    pub(super) fn process<T>(
        &mut self,
        may_be_killed: bool,
        work: impl FnOnce(&Store) -> T,
    ) -> Option<T> {
        let fuse = (may_be_killed && self.rng.u8(..) < 90).then(|| self.rng.u32(0..12));
        self.world.borrow_mut().fuse = fuse;
        let store = self.open();
        let ended = catch_unwind(AssertUnwindSafe(|| work(&store)));
        self.world.borrow_mut().fuse = None;
        match ended {
            Ok(answer) => Some(answer),
            Err(cause) if cause.is::<Killed>() => {
                self.said.push(format!("killed (fuse {fuse:?})"));
                None
            }
            Err(cause) => std::panic::resume_unwind(cause),
        }
    }

    pub(super) fn run(mut self) -> Result<(), String> {
        for _ in 0..self.rng.u32(3..15) {
            self.clock += i64::from(self.rng.u8(0..3));
            let edited = match self.rng.u8(0..12) {
                0..4 => {
                    self.decide()?;
                    None
                }
                4..7 => {
                    self.beat()?;
                    None
                }
                7 => Some(self.edit()),
                8 | 9 => {
                    self.checkpoint()?;
                    None
                }
                10 => {
                    self.power_cut();
                    None
                }
                _ => {
                    self.lose_a_document();
                    None
                }
            };
            self.check(edited)?;
        }
        self.end()
    }

    fn decide(&mut self) -> Result<(), String> {
        let number = self.decisions.len() as u64 + 1;
        let pick = |rng: &mut Rng, from: [&'static str; 2], most: usize| {
            let mut from = from.to_vec();
            rng.shuffle(&mut from);
            from.truncate(rng.usize(..=most));
            from
        };
        let documents = pick(&mut self.rng, DOCUMENTS, 2);
        let agents = pick(&mut self.rng, AGENTS, 1);
        self.said
            .push(format!("decide {number} {documents:?} {agents:?}"));
        let plan = RefCell::new(Decision {
            number,
            ..Decision::default()
        });
        let done = self.process(true, |store| {
            store.decide("hand", "test", |transaction| {
                let mut plan = plan.borrow_mut();
                for path in &documents {
                    let before = transaction.text(path)?.unwrap_or_default();
                    let after = format!("{before}+{number}");
                    transaction.set_text(path, after.clone())?;
                    plan.documents.insert(path, (before, after));
                }
                for agent in &agents {
                    let entry = transaction.entry(agent)?;
                    entry.current_task = Some(format!("w{number}"));
                    plan.entries.insert(agent, format!("w{number}"));
                }
                transaction.say(format!("decision {number}"), None);
                Ok::<_, StoreError>(())
            })
        });
        let mut decision = plan.into_inner();
        match done {
            Some(Ok(())) => decision.acknowledged = true,
            Some(Err(error)) => return Err(format!("{:?}: a decision failed: {error}", self.said)),
            None => {}
        }
        decision.recorded =
            decision.acknowledged || self.log_text().contains(&format!("\"decision {number}\""));
        self.decisions.push(decision);
        Ok(())
    }

    pub(super) fn log_text(&self) -> String {
        self.world
            .borrow()
            .now(LOG)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .unwrap_or_default()
    }

    fn beat(&mut self) -> Result<(), String> {
        let agent = AGENTS[self.rng.usize(..2)];
        let now = Timestamp::from_seconds(self.clock);
        self.said.push(format!("beat {agent}"));
        let done = self.process(true, |store| {
            store.beat(|status| {
                status
                    .agents
                    .entry(agent.to_owned())
                    .or_default()
                    .beat(now, None);
                Ok::<_, StoreError>(())
            })
        });
        match done {
            Some(Err(error)) => Err(format!("{:?}: a heartbeat failed: {error}", self.said)),
            _ => Ok(()),
        }
    }

    /// A person's editor: a new text, or an earlier one put back. No lock, no sync.
    fn edit(&mut self) -> &'static str {
        let document = DOCUMENTS[self.rng.usize(..2)];
        let path = format!("docs/{document}");
        let text = if self.rng.bool() {
            format!("h{}", self.world.borrow_mut().stamp()).into_bytes()
        } else {
            let earlier: Vec<Vec<u8>> = self.world.borrow().files[&path]
                .may_remain
                .iter()
                .flatten()
                .cloned()
                .collect();
            self.rng.choice(earlier).unwrap_or_else(|| b"h".to_vec())
        };
        self.said.push(format!(
            "edit {document} {:?}",
            String::from_utf8_lossy(&text)
        ));
        self.world.borrow_mut().write(&path, Some(text));
        self.by_hand.insert(document, self.decisions.len() as u64);
        document
    }

    fn checkpoint(&mut self) -> Result<(), String> {
        self.said.push("checkpoint".to_owned());
        if self.rng.u8(..) < 40 {
            // Somebody commits a document just as it lies there.
            let document = DOCUMENTS[self.rng.usize(..2)];
            let content = self
                .world
                .borrow()
                .now(&format!("docs/{document}"))
                .cloned();
            self.world.borrow_mut().intruder =
                content.map(|content| (document.to_owned(), content));
        }
        self.world.borrow_mut().busy_once = self.rng.u8(..) < 20;
        match self.process(true, Store::checkpoint) {
            Some(Err(error)) => Err(format!("{:?}: a checkpoint failed: {error}", self.said)),
            _ => Ok(()),
        }
    }

    /// Any part of what was not synced is gone: an earlier version remains, or nothing; the log's end may be torn.
    fn power_cut(&mut self) {
        self.said.push("power cut".to_owned());
        let mut world = self.world.borrow_mut();
        for (path, file) in &mut world.files {
            let versions = std::mem::take(&mut file.may_remain);
            let at = self.rng.usize(..versions.len());
            let mut content = versions[at].clone();
            if path == LOG {
                // Appending leaves a prefix of what was to come.
                if let (Some(bytes), Some(Some(next))) = (&mut content, versions.get(at + 1))
                    && next.starts_with(bytes)
                {
                    let more = self.rng.usize(..=next.len() - bytes.len());
                    bytes.extend_from_slice(&next[bytes.len()..bytes.len() + more]);
                }
            } else if versions.len() > 1 && self.rng.u8(..) < 60 {
                content = Some(if self.rng.bool() {
                    Vec::new()
                } else {
                    vec![0; 7]
                });
            }
            file.now.clone_from(&content);
            file.may_remain = vec![content];
            file.written += 1_000_000;
        }
        drop(world);
        self.boot += 1;
    }

    /// `rm`: the next checkpoint brings it back.
    fn lose_a_document(&mut self) {
        let document = DOCUMENTS[self.rng.usize(..2)];
        self.said.push(format!("rm {document}"));
        self.world
            .borrow_mut()
            .write(&format!("docs/{document}"), None);
        self.by_hand.insert(document, self.decisions.len() as u64);
    }

    pub(super) fn text(&self, document: &str) -> Option<String> {
        let world = self.world.borrow();
        world
            .now(&format!("docs/{document}"))
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}

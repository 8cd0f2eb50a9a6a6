//! A repository with documents to measure in, and one like it for the floor.

use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::measure::Program;

/// A repository with documents.
pub(crate) struct Playground {
    /// The repository.
    pub root: PathBuf,
    /// Where the floor program keeps its lock, log and document.
    pub floor: PathBuf,
    /// The status document as it was at first, with old timestamps: whoever beats then has something to write.
    pub status: String,
    home: PathBuf,
}

impl Playground {
    /// Makes one with so many agents in the status document, of which so many are busy here: they have beaten on this
    /// machine and hold an issue that has a document.
    pub(crate) fn new(at: &Path, ghp: &Path, agents: usize, busy: usize) -> Playground {
        let place = Playground {
            root: at.join("repository"),
            floor: at.join("floor"),
            status: status(agents),
            home: at.join("home"),
        };
        for folder in [&place.root, &place.floor, &place.home] {
            fs::create_dir_all(folder).expect("a folder");
        }
        let git = |words: &[&str]| {
            place.program(Path::new("git"), words).run();
        };
        git(&["init", "-q", "-b", "main"]);
        git(&["config", "user.name", "Ana"]);
        git(&["config", "user.email", "ana@example.com"]);
        git(&["commit", "-q", "--allow-empty", "-m", "Begin"]);
        place.program(ghp, &["init"]).run();
        fs::write(place.document(), &place.status).expect("the status document");
        fs::write(place.floor.join("agent-status.json"), &place.status)
            .expect("the floor's document");
        fs::write(place.floor.join("lock"), "").expect("the floor's lock");
        fs::write(place.floor.join("log"), "").expect("the floor's log");
        fs::create_dir_all(place.documents().join("issues")).expect("a folder of issues");
        for number in 1..=busy {
            place.write_issue(number, Some(&format!("worker-{number}")));
        }
        // What was written by hand goes into the history, and everything has run once.
        place.program(ghp, &["log"]).run();
        for number in 1..=busy.max(1) {
            place
                .program(ghp, &["heartbeat"])
                .env("GHP_AGENT", &format!("worker-{number}"))
                .run();
        }
        place
    }

    /// Writes an issue as a person would.
    pub(crate) fn write_issue(&self, number: usize, assignee: Option<&str>) {
        let assignee = assignee
            .map(|name| format!("assignee: {name}\n"))
            .unwrap_or_default();
        let text = format!(
            "---\ntitle: Part {number} of the dashboard\nstatus: open\n{assignee}scope: [src/part{number}/**]\n\
             createdAt: 2025-01-25T10:00:00Z\n---\n\nIt shows what every agent does.\n"
        );
        fs::write(self.documents().join(format!("issues/{number}.md")), text).expect("an issue");
    }

    /// The documents' folder.
    pub(crate) fn documents(&self) -> PathBuf {
        self.root.join(".ghp")
    }

    /// Its status document.
    pub(crate) fn document(&self) -> PathBuf {
        self.documents().join("agent-status.json")
    }

    /// A program to run in the repository, with nothing of this environment but the path.
    pub(crate) fn program(&self, program: &Path, words: &[&str]) -> Program {
        Program::new(program, words)
            .within(&self.root)
            .env("HOME", &self.home.display().to_string())
    }
}

/// A status document in the seed's format, about 190 bytes an agent.
fn status(agents: usize) -> String {
    let mut text = String::from("{\n  \"agents\": {\n");
    let mut names: Vec<(String, usize)> = (1..=agents)
        .map(|number| (format!("worker-{number}"), number))
        .collect();
    names.sort_unstable();
    for (at, (name, number)) in names.iter().enumerate() {
        let comma = if at + 1 == names.len() { "" } else { "," };
        write!(
            text,
            "    \"{name}\": {{\n      \"issue\": {number},\n      \"status\": \"implementing\",\n      \
             \"lastAction\": \"Created the skeleton of part {number}\",\n      \"timestamp\": \"2025-01-25T10:30:00Z\"\n    }}{comma}\n"
        )
        .expect("a string takes everything");
    }
    text + "  }\n}\n"
}

/// A copy of the program as it is measured: what a build has just written lies in the page cache in a way that
/// costs up to a third of a millisecond a start, so the copy is dropped from it and read again.
pub(crate) fn settled(program: &Path, to: &Path) -> PathBuf {
    fs::copy(program, to).expect("a copy of the program");
    let mut file = fs::File::open(to).expect("the copy");
    file.sync_all().expect("the copy on the disk");
    #[cfg(target_os = "linux")]
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).expect("advice");
    file.read_to_end(&mut Vec::new()).expect("the copy's bytes");
    to.to_owned()
}

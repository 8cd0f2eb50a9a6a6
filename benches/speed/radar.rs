//! The conflict radar beside git's own trial merges, over branches as agents make them.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::measure::Program;
use crate::playground::Playground;

/// How many branches, each of another agent.
pub(crate) const BRANCHES: usize = 20;
const FILES: usize = 700;
const LINES: usize = 120;
/// Commits on the main branch, and how far apart the branches leave it.
const HISTORY: usize = 3000;
const APART: usize = 37;
/// Branches work in these many files, so that about one pair in ten meets.
const BUSY_FILES: u64 = 200;

/// A repository with branches to compare.
pub(crate) struct Branches {
    /// With documents that give each branch to an agent.
    pub place: Playground,
    /// All pairs of branches, one a line.
    pairs: PathBuf,
    /// Where git may leave its objects.
    objects: PathBuf,
}

impl Branches {
    /// Makes it.
    pub(crate) fn new(at: &Path, ghp: &Path) -> Branches {
        let place = Playground::new(at, ghp, 0, 0);
        import(&place.root);
        let mut pairs = String::new();
        for first in 0..BRANCHES {
            for second in first + 1..BRANCHES {
                writeln!(pairs, "work/{first} work/{second}").expect("a string takes everything");
            }
            let text = format!(
                "---\ntitle: Part {first}\nstatus: open\nassignee: agent-{first}\nbranch: work/{first}\n\
                 createdAt: 2025-01-25T10:00:00Z\n---\n\nIt is worked on.\n"
            );
            let file = place.documents().join(format!("issues/{}.md", first + 1));
            fs::write(file, text).expect("an issue");
        }
        let branches = Branches {
            pairs: at.join("pairs"),
            objects: at.join("objects"),
            place,
        };
        fs::write(&branches.pairs, pairs).expect("the pairs");
        fs::create_dir_all(&branches.objects).expect("a folder of objects");
        branches
    }

    /// Checks every branch out, and changes two files in each without committing them.
    pub(crate) fn check_out(&self) {
        for branch in 0..BRANCHES {
            let folder = format!("../worktree-{branch}");
            let words = ["worktree", "add", "-q", &folder, &format!("work/{branch}")];
            self.place.program(Path::new("git"), &words).run();
            for file in [branch * 7, branch * 7 + 300] {
                let path = self.place.root.join(&folder).join(name(file));
                let text = fs::read_to_string(&path).expect("a file");
                let changed = text.replacen("line 60 ", &format!("not committed {branch} "), 1);
                fs::write(&path, changed).expect("a file");
            }
        }
    }

    /// Where `ghp` keeps what it found out; an empty file says nothing.
    pub(crate) fn remembered(&self) -> PathBuf {
        self.place.root.join(".git/ghp/radar")
    }

    /// All trial merges in one process.
    pub(crate) fn in_one_process(&self) -> Program {
        self.aside(
            &self
                .place
                .program(Path::new("git"), &["merge-tree", "--write-tree", "--stdin"]),
        )
        .fed(&self.pairs)
    }

    /// A process for each.
    pub(crate) fn one_process_each(&self) -> Program {
        let script = "while read -r a b; do git merge-tree --write-tree $a $b; done; true";
        self.aside(&self.place.program(Path::new("sh"), &["-c", script]))
            .fed(&self.pairs)
    }

    /// With its objects kept out of the repository; after the first run they are all there, which helps git.
    fn aside(&self, program: &Program) -> Program {
        let lender = self.place.root.join(".git/objects");
        program
            .clone()
            .env("GIT_OBJECT_DIRECTORY", &self.objects.display().to_string())
            .env(
                "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                &lender.display().to_string(),
            )
    }

    /// How many loose objects the repository has.
    pub(crate) fn loose_objects(&self) -> f64 {
        let objects = self.place.root.join(".git/objects");
        let folders = fs::read_dir(objects).expect("the objects");
        let count = folders
            .map(|folder| folder.expect("a folder"))
            .filter(|folder| folder.file_name().len() == 2)
            .map(|folder| fs::read_dir(folder.path()).expect("a folder").count())
            .sum::<usize>();
        f64::from(u32::try_from(count).expect("not so many"))
    }
}

fn name(file: usize) -> String {
    format!("src/part{}/group{}/file{file}.rs", file % 40, file % 7)
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % sides).expect("small")
    }
}

type Texts = Vec<Vec<String>>;

/// Makes the history with `git fast-import`, and packs it.
fn import(root: &Path) {
    let mut git = Command::new("git")
        .args(["fast-import", "--quiet", "--force"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .spawn()
        .expect("git is installed");
    let mut stream = std::io::BufWriter::new(git.stdin.take().expect("piped"));
    let mut history = History {
        stream: &mut stream,
        dice: Dice(7),
        marks: 0,
    };
    history.write();
    stream.flush().expect("git reads");
    drop(stream);
    assert!(git.wait().expect("our own child").success());
    for words in [
        &["reset", "-q", "--hard"][..],
        &["repack", "-adq"],
        &["prune"],
    ] {
        Program::new(Path::new("git"), words).within(root).run();
    }
}

struct History<'s, W> {
    stream: &'s mut W,
    dice: Dice,
    marks: usize,
}

impl<W: std::io::Write> History<'_, W> {
    fn write(&mut self) {
        let text = |file| {
            (0..LINES)
                .map(|line| format!("line {line} of {}", name(file)))
                .collect()
        };
        let mut texts: Texts = (0..FILES).map(text).collect();
        let all: Vec<usize> = (0..FILES).collect();
        let mut tip = self.commit("main", None, &all, &texts);
        let mut left = Vec::new();
        for step in 0..HISTORY {
            let file = self.change(&mut texts, FILES as u64, &format!("main {step}"));
            tip = self.commit("main", Some(tip), &[file], &texts);
            let back = HISTORY - 1 - step;
            if back.is_multiple_of(APART) && back < APART * BRANCHES {
                left.push((tip, texts.clone()));
            }
        }
        for (branch, (base, mut texts)) in left.into_iter().enumerate() {
            let mut tip = base;
            for step in 0..5 {
                let file = self.change(&mut texts, BUSY_FILES, &format!("branch {branch} {step}"));
                tip = self.commit(&format!("work/{branch}"), Some(tip), &[file], &texts);
            }
        }
    }

    /// Changes a line somewhere; which file.
    fn change(&mut self, texts: &mut Texts, files: u64, text: &str) -> usize {
        let (file, line) = (self.dice.roll(files), self.dice.roll(LINES as u64));
        text.clone_into(&mut texts[file][line]);
        file
    }

    fn commit(
        &mut self,
        branch: &str,
        parent: Option<usize>,
        files: &[usize],
        texts: &Texts,
    ) -> usize {
        self.marks += 1;
        let (mark, time) = (self.marks, 1_600_000_000 + self.marks * 60);
        let mut text = format!(
            "commit refs/heads/{branch}\nmark :{mark}\ncommitter Ana <ana@example.com> {time} +0000\ndata 4\nwork\n"
        );
        if let Some(parent) = parent {
            writeln!(text, "from :{parent}").expect("a string takes everything");
        }
        for file in files {
            let content = texts[*file].join("\n") + "\n";
            write!(
                text,
                "M 100644 inline {}\ndata {}\n{content}\n",
                name(*file),
                content.len()
            )
            .expect("a string takes everything");
        }
        self.stream.write_all(text.as_bytes()).expect("git reads");
        mark
    }
}

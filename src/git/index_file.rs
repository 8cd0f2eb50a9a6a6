//! The index of a worktree as a file: its entries, and the folders that it knows to be as a tree has them. Only read, and
//! only as far as comparing it with a tree needs it. Format: git's `gitformat-index`, versions 2 to 4 with SHA-1.

use std::ops::Range;

/// The bytes of an object's name.
pub(super) type Id = [u8; 20];

/// Before an entry's path: times and numbers of the file (40 bytes), the object, the flags. The mode is among them.
const FIXED: usize = 62;
const MODE: usize = 24;
const OBJECT: usize = 40;
const FLAGS: usize = 60;
/// Flags: more flags follow; in which stage of a merge; how long the path is, as far as that can be said.
const EXTENDED: u16 = 0x4000;
const STAGE: u16 = 0x3000;
const LENGTH: u16 = 0x0fff;
/// Further flags: somebody intends to add it, and has not.
const INTENDED: u16 = 0x2000;
/// More folders within folders are left to git: each takes some of the stack.
pub(super) const DEEPEST: usize = 512;
/// The checksum at the end.
const CHECKSUM: usize = 20;

/// An index.
pub(super) struct IndexFile<'a> {
    bytes: &'a [u8],
    /// Where each entry begins, in the order of their paths' bytes. Most are never looked at.
    begin: Vec<usize>,
    /// The paths of version 4, which are written as differences.
    paths: Option<Paths>,
    /// What it knows of the topmost folder.
    pub root: Option<Known>,
}

/// Paths behind each other.
#[derive(Default)]
struct Paths {
    bytes: Vec<u8>,
    each: Vec<Range<usize>>,
}

/// A file in the index.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    /// Its path.
    pub path: &'a [u8],
    head: &'a [u8; FIXED],
}

/// What the index knows of a folder, and of those in it.
pub(super) struct Known {
    /// Its name in the folder above.
    pub name: Vec<u8>,
    /// The tree that the folder is equal to, and how many entries it has; `None`: something in it has changed.
    pub tree: Option<(Id, usize)>,
    /// The folders in it.
    pub folders: Vec<Known>,
}

impl Entry<'_> {
    /// Its mode, as trees have it.
    pub(super) fn mode(&self) -> u32 {
        u32::from_be_bytes(part(self.head, MODE))
    }

    /// What it holds.
    pub(super) fn id(&self) -> Id {
        part(self.head, OBJECT)
    }

    /// Whether it is one of several sides of a conflict.
    pub(super) fn is_in_conflict(&self) -> bool {
        flags(self.head) & STAGE != 0
    }
}

impl<'a> IndexFile<'a> {
    /// Reads one. `None`: this is no index, or one with something in it that only git should read: a part in another file,
    /// folders in place of files, files that are not really added.
    pub(super) fn read(bytes: &'a [u8]) -> Option<IndexFile<'a>> {
        let mut at = Reader { bytes };
        (at.take(4)? == b"DIRC").then_some(())?;
        let (version, count) = (at.number()?, at.number()? as usize);
        // Each takes more than its fixed part; a wrong count takes no memory.
        (count <= bytes.len() / FIXED).then_some(())?;
        let mut index = IndexFile {
            bytes,
            begin: Vec::with_capacity(count),
            paths: (version == 4).then(Paths::default),
            root: None,
        };
        for _ in 0..count {
            index.begin.push(bytes.len() - at.bytes.len());
            match &mut index.paths {
                Some(paths) => paths.next(&mut at)?,
                None if matches!(version, 2 | 3) => pass(&mut at)?,
                None => return None,
            }
        }
        while at.bytes.len() > CHECKSUM {
            let (kind, length) = (at.take(4)?, at.number()? as usize);
            let content = at.take(length)?;
            match kind {
                b"TREE" => index.root = Some(known(&mut Reader { bytes: content }, DEEPEST)?),
                // What begins with a capital letter may be left aside.
                [b'A'..=b'Z', ..] => {}
                _ => return None,
            }
        }
        (at.bytes.len() == CHECKSUM).then_some(index)
    }

    /// All its entries.
    pub(super) fn all(&self) -> Range<usize> {
        0..self.begin.len()
    }

    /// The entry at this place in the order.
    pub(super) fn entry(&self, at: usize) -> Entry<'_> {
        let mut reader = Reader {
            bytes: &self.bytes[self.begin[at]..],
        };
        let none = Entry {
            path: &[],
            head: &[0; FIXED],
        };
        // It was read once before.
        let Some(head) = reader.head() else {
            return none;
        };
        let path = match &self.paths {
            Some(paths) => paths
                .each
                .get(at)
                .and_then(|range| paths.bytes.get(range.clone())),
            None => reader.path(head),
        };
        path.map_or(none, |path| Entry { path, head })
    }
}

/// Passes an entry of versions 2 and 3: its path, whole, filled up with NUL, one at least, to a multiple of eight bytes.
fn pass(at: &mut Reader<'_>) -> Option<()> {
    let whole = at.bytes;
    let head = at.head()?;
    let fixed = whole.len() - at.bytes.len();
    let length = at.path(head)?.len();
    at.bytes = whole.get((fixed + length + 8) & !7..)?;
    Some(())
}

impl Paths {
    /// Takes the next entry, of whose path only what differs from the one before is there.
    fn next(&mut self, at: &mut Reader<'_>) -> Option<()> {
        at.head()?;
        let last = self.each.last().cloned().unwrap_or_default();
        let kept = last.len().checked_sub(at.varint()?)?;
        let begin = self.bytes.len();
        self.bytes.extend_from_within(last.start..last.start + kept);
        self.bytes.extend_from_slice(at.text()?);
        self.each.push(begin..self.bytes.len());
        Some(())
    }
}

/// What is known of a folder, and of those in it: name, NUL, how many entries (-1: changed), how many folders, the tree.
fn known(at: &mut Reader<'_>, deepest: usize) -> Option<Known> {
    let name = at.text()?.to_vec();
    let entries = at.decimal(b' ')?;
    let folders = at.decimal(b'\n')?;
    let tree = match usize::try_from(entries) {
        Ok(entries) => Some((*at.take(20)?.first_chunk()?, entries)),
        Err(_) => None,
    };
    let below = deepest.checked_sub(1)?;
    let folders = (0..folders)
        .map(|_| known(at, below))
        .collect::<Option<_>>()?;
    Some(Known {
        name,
        tree,
        folders,
    })
}

fn part<const N: usize>(head: &[u8; FIXED], at: usize) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&head[at..at + N]);
    part
}

fn flags(head: &[u8; FIXED]) -> u16 {
    u16::from_be_bytes(part(head, FLAGS))
}

/// What is still to be read.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    /// An entry's fixed part. `None` also when it is not really added.
    fn head(&mut self) -> Option<&'a [u8; FIXED]> {
        let head = self.take(FIXED)?.first_chunk()?;
        if flags(head) & EXTENDED != 0 {
            let more = self.take(2)?.try_into().ok().map(u16::from_be_bytes)?;
            (more & INTENDED == 0).then_some(())?;
        }
        Some(head)
    }

    /// The whole path behind an entry's fixed part.
    fn path(&mut self, head: &[u8; FIXED]) -> Option<&'a [u8]> {
        match usize::from(flags(head) & LENGTH) {
            // As long or longer.
            length if length == usize::from(LENGTH) => self.text(),
            length => self.take(length),
        }
    }

    /// Up to the next NUL, which is taken as well.
    fn text(&mut self) -> Option<&'a [u8]> {
        let end = self.bytes.iter().position(|byte| *byte == 0)?;
        let text = self.take(end)?;
        self.take(1)?;
        Some(text)
    }

    /// A decimal number before this byte.
    fn decimal(&mut self, end: u8) -> Option<i64> {
        let length = self.bytes.iter().position(|byte| *byte == end)?;
        let digits = std::str::from_utf8(self.take(length)?).ok()?;
        self.take(1)?;
        digits.parse().ok()
    }

    /// A number of seven bits a byte, as packs have offsets.
    fn varint(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        loop {
            let byte = *self.take(1)?.first()?;
            value = value
                .checked_shl(7)?
                .checked_add(usize::from(byte & 0x7f))?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            value = value.checked_add(1)?;
        }
    }
}

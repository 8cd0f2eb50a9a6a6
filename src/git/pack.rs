//! Our own pack and index writer: a checkpoint's objects in one file. libgit2's takes five times as long, and
//! gives the pack its name only afterwards, too late for a `.keep`.
//!
//! Format: gitformat-pack(5), version 2 of both files. An object is a delta against the previous version of the
//! same document or folder when that is in this pack: what is common at the start, what is new, what is common at
//! the end.

use std::collections::HashMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use sha1::{Digest, Sha1};

use crate::documents::hash::{BlobId, object_id};

/// Deltas upon deltas: git's own limit is 50.
const LONGEST_CHAIN: usize = 40;
/// Setting up the compressor costs more than it saves below this.
const STORED: usize = 200;

/// The type of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A commit.
    Commit = 1,
    /// A folder.
    Tree = 2,
    /// A content.
    Blob = 3,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Commit => "commit",
            Kind::Tree => "tree",
            Kind::Blob => "blob",
        }
    }
}

/// A pack being made.
#[derive(Debug)]
pub struct Pack {
    bytes: Vec<u8>,
    objects: HashMap<BlobId, Object>,
}

#[derive(Debug)]
struct Object {
    offset: usize,
    crc: u32,
    chain: usize,
    content: Vec<u8>,
}

/// A pack with its index.
#[derive(Debug)]
pub struct Packed {
    /// What both files are called, between `pack-` and the ending: the pack's checksum.
    pub name: String,
    /// The `.pack`.
    pub pack: Vec<u8>,
    /// The `.idx`.
    pub index: Vec<u8>,
}

impl Default for Pack {
    fn default() -> Pack {
        // The number of objects follows when it is known.
        Pack {
            bytes: b"PACK\0\0\0\x02\0\0\0\0".to_vec(),
            objects: HashMap::new(),
        }
    }
}

impl Pack {
    /// Adds an object, as a delta against `previous` if that is in this pack and it pays.
    pub fn add(&mut self, kind: Kind, content: Vec<u8>, previous: Option<BlobId>) -> BlobId {
        let id = object_id(kind.word(), &content);
        if self.objects.contains_key(&id) {
            return id;
        }
        let offset = self.bytes.len();
        let base = previous
            .and_then(|id| self.objects.get(&id))
            .filter(|base| base.chain < LONGEST_CHAIN);
        let delta = base.map(|base| (base, delta(&base.content, &content)));
        let chain = match delta {
            Some((base, delta)) if delta.len() < content.len() / 2 => {
                let (back, chain) = (offset - base.offset, base.chain + 1);
                header(&mut self.bytes, 6, delta.len());
                distance(&mut self.bytes, back);
                zlib(&mut self.bytes, &delta);
                chain
            }
            _ => {
                header(&mut self.bytes, kind as u8, content.len());
                zlib(&mut self.bytes, &content);
                0
            }
        };
        let crc = crate::documents::hash::checksum(&self.bytes[offset..]);
        self.objects.insert(
            id,
            Object {
                offset,
                crc,
                chain,
                content,
            },
        );
        id
    }

    /// The two files.
    ///
    /// # Panics
    /// With 2 GiB of objects or more; a checkpoint has some hundred KiB.
    pub fn finish(mut self) -> Packed {
        let count =
            u32::try_from(self.objects.len()).expect("a checkpoint is no 4 billion objects");
        self.bytes[8..12].copy_from_slice(&count.to_be_bytes());
        let checksum: [u8; 20] = Sha1::digest(&self.bytes).into();
        self.bytes.extend(checksum);

        let mut objects: Vec<(&BlobId, &Object)> = self.objects.iter().collect();
        objects.sort_unstable_by_key(|(id, _)| **id);
        let mut index = b"\xfftOc\0\0\0\x02".to_vec();
        for first in 0..=u8::MAX {
            let upto = objects.partition_point(|(id, _)| id.0[0] <= first);
            index.extend(be32(upto));
        }
        index.extend(objects.iter().flat_map(|(id, _)| id.0));
        index.extend(
            objects
                .iter()
                .flat_map(|(_, object)| object.crc.to_be_bytes()),
        );
        index.extend(objects.iter().flat_map(|(_, object)| be32(object.offset)));
        index.extend(checksum);
        let own: [u8; 20] = Sha1::digest(&index).into();
        index.extend(own);
        Packed {
            name: BlobId(checksum).to_string(),
            pack: self.bytes,
            index,
        }
    }
}

fn be32(number: usize) -> [u8; 4] {
    u32::try_from(number)
        .expect("a checkpoint's pack is far below 2 GiB")
        .to_be_bytes()
}

/// The low seven bits, as a byte.
fn seven(number: usize) -> u8 {
    u8::try_from(number & 0x7f).expect("seven bits")
}

/// Type and length: three bits and four, then seven at a time.
fn header(out: &mut Vec<u8>, kind: u8, length: usize) {
    let mut byte = kind << 4 | seven(length & 0xf);
    let mut rest = length >> 4;
    while rest > 0 {
        out.push(byte | 0x80);
        byte = seven(rest);
        rest >>= 7;
    }
    out.push(byte);
}

/// How far back a delta's base lies: most significant part first, each further part counting from one.
fn distance(out: &mut Vec<u8>, back: usize) {
    let mut parts = vec![seven(back)];
    let mut rest = back >> 7;
    while rest > 0 {
        rest -= 1;
        parts.push(seven(rest) | 0x80);
        rest >>= 7;
    }
    out.extend(parts.iter().rev());
}

/// A length in a delta: seven bits at a time, least significant first.
fn length(out: &mut Vec<u8>, mut rest: usize) {
    while rest > 0x7f {
        out.push(seven(rest) | 0x80);
        rest >>= 7;
    }
    out.push(seven(rest));
}

/// What turns `old` into `new`.
fn delta(old: &[u8], new: &[u8]) -> Vec<u8> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let end = old[start..]
        .iter()
        .rev()
        .zip(new[start..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let mut out = Vec::new();
    length(&mut out, old.len());
    length(&mut out, new.len());
    copy(&mut out, 0, start);
    for part in new[start..new.len() - end].chunks(0x7f) {
        out.push(seven(part.len()));
        out.extend(part);
    }
    copy(&mut out, old.len() - end, end);
    out
}

/// Copies from the base, at most 64 KiB at a time: four bytes of offset, two of length.
fn copy(out: &mut Vec<u8>, mut from: usize, mut count: usize) {
    while count > 0 {
        let part = count.min(0xffff);
        out.push(0b1011_1111);
        let mut offset = be32(from);
        offset.reverse();
        out.extend(offset);
        let [.., high, low] = be32(part);
        out.extend([low, high]);
        from += part;
        count -= part;
    }
}

/// As a zlib stream.
fn zlib(out: &mut Vec<u8>, content: &[u8]) {
    if let Ok(length) = u8::try_from(content.len())
        && content.len() <= STORED
    {
        out.extend([0x78, 0x01, 0x01, length, 0, !length, 0xff]);
        out.extend(content);
        out.extend(adler32(content).to_be_bytes());
        return;
    }
    let mut encoder = ZlibEncoder::new(out, Compression::fast());
    encoder
        .write_all(content)
        .and_then(|()| encoder.finish().map(|_| ()))
        .expect("memory takes every write");
}

fn adler32(content: &[u8]) -> u32 {
    let (a, b) = content.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (b + a) % 65521)
    });
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::{Scratch, run};
    use proptest::prelude::*;

    fn apply(delta: &[u8], old: &[u8]) -> Vec<u8> {
        let number = |at: &mut usize| {
            let (mut value, mut shift) = (0, 0);
            loop {
                let byte = delta[*at];
                *at += 1;
                value |= usize::from(byte & 0x7f) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    return value;
                }
            }
        };
        let mut at = 0;
        assert_eq!(number(&mut at), old.len());
        let expected = number(&mut at);
        let mut new = Vec::new();
        while at < delta.len() {
            let byte = delta[at];
            at += 1;
            if byte & 0x80 == 0 {
                new.extend(&delta[at..at + usize::from(byte)]);
                at += usize::from(byte);
            } else {
                let from = u32::from_le_bytes(delta[at..at + 4].try_into().expect("four")) as usize;
                let count = usize::from(u16::from_le_bytes(
                    delta[at + 4..at + 6].try_into().expect("two"),
                ));
                new.extend(&old[from..from + count]);
                at += 6;
            }
        }
        assert_eq!(new.len(), expected);
        new
    }

    proptest! {
        #[test]
        fn a_delta_gives_the_new_one(old in prop::collection::vec(0u8..3, 0..400), new in prop::collection::vec(0u8..3, 0..400)) {
            prop_assert_eq!(apply(&delta(&old, &new), &old), new);
        }
    }

    #[test]
    fn git_reads_every_object_back() {
        let scratch = Scratch::repository();
        let mut pack = Pack::default();
        let mut contents = vec![Vec::new(), b"x".to_vec(), vec![7; 200], vec![7; 201]];
        let mut previous = None;
        // Long enough for copies over 64 KiB, chains over the limit, and distances of several bytes.
        for round in 0..60_usize {
            let mut content: Vec<u8> = (0..90_000_usize).map(|at| seven(at * at / 7)).collect();
            content[1000 + round..1010 + round].fill(seven(round));
            contents.push(content);
        }
        let mut ids = Vec::new();
        for content in &contents {
            let id = pack.add(Kind::Blob, content.clone(), previous);
            assert_eq!(id, BlobId::of(content));
            previous = Some(id);
            ids.push(id);
        }
        assert_eq!(pack.add(Kind::Blob, contents[0].clone(), None), ids[0]);
        let packed = pack.finish();
        let base = scratch
            .path()
            .join(format!(".git/objects/pack/pack-{}", packed.name));
        crate::git::testing::write_bytes(&base.with_extension("pack"), &packed.pack);
        crate::git::testing::write_bytes(&base.with_extension("idx"), &packed.index);
        let idx = base.with_extension("idx");
        let report = run(
            scratch.path(),
            &["verify-pack", "-v", idx.to_str().expect("text")],
        );
        assert!(report.contains("chain length = 40: 1 object"), "{report}");
        assert!(!report.contains("chain length = 41"), "{report}");
        run(scratch.path(), &["fsck", "--strict"]);
        for (id, content) in ids.iter().zip(&contents) {
            let size = run(scratch.path(), &["cat-file", "-s", &id.to_string()]);
            assert_eq!(size, content.len().to_string());
        }
        run(scratch.path(), &["repack", "-q", "-a", "-d", "-F"]);
    }
}

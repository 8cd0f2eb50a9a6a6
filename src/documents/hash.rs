//! The id git gives a content: SHA-1 over `blob LENGTH\0CONTENT`; and checksums.

use std::fmt;
use std::str::FromStr;

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

/// A table of 1 KiB: most of what is summed is a line.
static CRC32: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// The CRC-32 of some bytes, as zip and git's packs have it.
pub fn checksum(bytes: &[u8]) -> u32 {
    CRC32.checksum(bytes)
}

/// The id of a content, as git computes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BlobId(pub [u8; 20]);

impl BlobId {
    /// The id of this content.
    pub fn of(content: &[u8]) -> BlobId {
        object_id("blob", content)
    }
}

/// The id of an object of this type (`blob`, `tree`, `commit`).
pub fn object_id(kind: &str, content: &[u8]) -> BlobId {
    let mut hash = Sha1::new();
    hash.update(format!("{kind} {}\0", content.len()));
    hash.update(content);
    BlobId(hash.finalize().into())
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Not forty hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an object id")]
pub struct BadId;

impl FromStr for BlobId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<BlobId, BadId> {
        let mut id = [0; 20];
        if text.len() != 40 || !text.is_ascii() {
            return Err(BadId);
        }
        for (at, byte) in id.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).map_err(|_| BadId)?;
        }
        Ok(BlobId(id))
    }
}

impl TryFrom<String> for BlobId {
    type Error = BadId;
    fn try_from(text: String) -> Result<BlobId, BadId> {
        text.parse()
    }
}

impl From<BlobId> for String {
    fn from(id: BlobId) -> String {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_git_hash_object_says() {
        let id = BlobId::of(b"hello\n");
        assert_eq!(id.to_string(), "ce013625030ba8dba906f756967f9e9ca394464a");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("zz".repeat(20).parse::<BlobId>(), Err(BadId));
        assert_eq!("é".repeat(20).parse::<BlobId>(), Err(BadId));
    }
}

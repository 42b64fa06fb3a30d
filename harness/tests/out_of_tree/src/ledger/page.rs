//! The file that says where a ledger's head and tail are, and that is its lock.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::ops::{Deref, DerefMut};
use std::path::Path;

/// What stands on it.
#[derive(Clone, Copy, Default)]
pub(super) struct Page {
    /// Where the oldest item begins.
    pub(super) head: u64,
    /// Where the next item goes.
    pub(super) tail: u64,
    /// How many items there are.
    pub(super) count: u64,
    /// How many left word that they wait to get.
    pub(super) getters: u64,
    /// How many left word that they wait to put.
    pub(super) putters: u64,
}

impl Page {
    const SIZE: usize = 40;

    fn to_bytes(self) -> [u8; Page::SIZE] {
        let mut bytes = [0; Page::SIZE];
        let words = [self.head, self.tail, self.count, self.getters, self.putters];
        for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    fn from_bytes(bytes: [u8; Page::SIZE]) -> Page {
        let (words, _) = bytes.as_chunks();
        let word = |place: usize| u64::from_le_bytes(words[place]);
        Page {
            head: word(0),
            tail: word(1),
            count: word(2),
            getters: word(3),
            putters: word(4),
        }
    }
}

/// One process's way to the page. Each opens the file for itself, for a lock is the opening's.
pub(super) struct Pages {
    file: File,
}

impl Pages {
    /// An empty ledger's.
    pub(super) fn create(path: &Path) -> io::Result<()> {
        File::create_new(path)?.write_all(&Page::default().to_bytes())
    }

    pub(super) fn open(path: &Path) -> io::Result<Pages> {
        let file = File::options().read(true).write(true).open(path)?;
        Ok(Pages { file })
    }

    /// The page, for nobody else until it is written or dropped.
    pub(super) fn lock(&mut self) -> io::Result<LockedPage<'_>> {
        self.file.lock()?;
        let mut locked = LockedPage {
            page: Page::default(),
            file: &mut self.file,
        };
        let mut bytes = [0; Page::SIZE];
        locked.file.rewind()?;
        locked.file.read_exact(&mut bytes)?;
        locked.page = Page::from_bytes(bytes);
        Ok(locked)
    }
}

pub(super) struct LockedPage<'a> {
    page: Page,
    file: &'a mut File,
}

impl LockedPage<'_> {
    /// Writes it, and lets the next one in.
    pub(super) fn write(self) -> io::Result<()> {
        self.file.rewind()?;
        self.file.write_all(&self.page.to_bytes())
    }
}

impl Deref for LockedPage<'_> {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}

impl DerefMut for LockedPage<'_> {
    fn deref_mut(&mut self) -> &mut Page {
        &mut self.page
    }
}

impl Drop for LockedPage<'_> {
    fn drop(&mut self) {
        // Fails only where there is no lock to release.
        let _ = self.file.unlock();
    }
}

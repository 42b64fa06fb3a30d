//! The file with a ledger's head and tail, which is also its lock.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::ops::{Deref, DerefMut};
use std::path::Path;

/// The content of the file.
#[derive(Clone, Copy, Default)]
pub(super) struct Page {
    /// The offset of the oldest item.
    pub(super) head: u64,
    /// The offset of the next item.
    pub(super) tail: u64,
    /// The number of items.
    pub(super) count: u64,
    /// The number of gets that wait.
    pub(super) getters: u64,
    /// The number of puts that wait.
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

/// The file as one process opened it. Each process opens it itself, because a lock belongs to the open
/// file.
pub(super) struct Pages {
    file: File,
}

impl Pages {
    /// Makes the file of an empty ledger.
    pub(super) fn create(path: &Path) -> io::Result<()> {
        File::create_new(path)?.write_all(&Page::default().to_bytes())
    }

    pub(super) fn open(path: &Path) -> io::Result<Pages> {
        let file = File::options().read(true).write(true).open(path)?;
        Ok(Pages { file })
    }

    /// Locks and reads the page. The lock ends when the page is written or dropped.
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
    /// Writes the page and releases the lock.
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
        // This fails only without a lock.
        let _ = self.file.unlock();
    }
}

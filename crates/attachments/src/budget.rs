//! How much may be unpacked of one file. A few kilobytes of DEFLATE can stand for gigabytes, so
//! that nothing is unpacked but through a budget.

use miniz_oxide::inflate::{
    TINFLStatus, decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit,
};

use crate::AttachmentError;

/// Bytes that are unpacked of one file, all its parts and repetitions together. Twelve times what a
/// file may weigh; text documents rarely unpack to more than five times.
const BYTES: usize = 64 * 1024 * 1024;

/// What is left to unpack.
pub(crate) struct Budget(usize);

impl Budget {
    pub(crate) fn new() -> Self {
        Self(BYTES)
    }

    /// What is left.
    pub(crate) fn left(&self) -> usize {
        self.0
    }

    /// Pays for bytes that are there, or to be made.
    pub(crate) fn pay(&mut self, bytes: usize) -> Result<(), AttachmentError> {
        self.0 = self.0.checked_sub(bytes).ok_or(AttachmentError::TooLarge)?;
        Ok(())
    }

    /// Unpacks a zlib stream (RFC 1950), or bare DEFLATE. Of a broken one, what came before the
    /// break: readers of PDF do so too.
    pub(crate) fn unzlib(&mut self, packed: &[u8]) -> Result<Vec<u8>, AttachmentError> {
        let whole = decompress_to_vec_zlib_with_limit(packed, self.0);
        let data = match whole {
            Ok(data) => data,
            Err(error) if error.status == TINFLStatus::HasMoreOutput => {
                return Err(AttachmentError::TooLarge);
            }
            Err(error) if error.output.is_empty() => self.inflate_what_is_there(packed)?,
            Err(error) => error.output,
        };
        self.pay(data.len())?;
        Ok(data)
    }

    /// Unpacks a whole DEFLATE stream (RFC 1951).
    pub(crate) fn inflate(&mut self, packed: &[u8]) -> Result<Vec<u8>, AttachmentError> {
        let data =
            decompress_to_vec_with_limit(packed, self.0).map_err(|error| match error.status {
                TINFLStatus::HasMoreOutput => AttachmentError::TooLarge,
                _ => AttachmentError::Broken,
            })?;
        self.pay(data.len())?;
        Ok(data)
    }

    fn inflate_what_is_there(&self, packed: &[u8]) -> Result<Vec<u8>, AttachmentError> {
        match decompress_to_vec_with_limit(packed, self.0) {
            Ok(data) => Ok(data),
            Err(error) if error.status == TINFLStatus::HasMoreOutput => {
                Err(AttachmentError::TooLarge)
            }
            Err(error) => Ok(error.output),
        }
    }
}

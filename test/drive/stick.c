/*
 * A removable drive's electronics as a file system with one file, stick.img, whose octets are those of IMAGE:
 *
 *   stick IMAGE LOST-FROM GONE-AFTER MOUNTPOINT
 *
 * What is written at LOST-FROM or beyond is acknowledged and never stored, as drives do that claim to be larger than
 * they are. After GONE-AFTER writes the drive is gone: everything fails as on a drive that was pulled out. 0 for never.
 * The kernel keeps what was written in memory until the file is opened again, as it does above a real drive.
 */
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int image;
static off_t lost_from;
static long gone_after;
static long writes;

static int is_gone(void) { return gone_after != 0 && writes >= gone_after; }

static int is_stick(const char *path) { return strcmp(path, "/stick.img") == 0; }

/* A drive that loses is written from the kernel's memory, whole pages at a time, as a real one; one that goes at once. */
static void *stick_init(struct fuse_conn_info *connection, struct fuse_config *config) {
  (void)config;
  if (lost_from != 0) connection->want |= FUSE_CAP_WRITEBACK_CACHE;
  return NULL;
}

static int stick_getattr(const char *path, struct stat *status, struct fuse_file_info *file) {
  (void)file;
  memset(status, 0, sizeof *status);
  if (strcmp(path, "/") == 0) {
    status->st_mode = S_IFDIR | 0755;
    status->st_nlink = 2;
    return 0;
  }
  if (!is_stick(path)) return -ENOENT;
  if (fstat(image, status) != 0) return -errno;
  status->st_mode = S_IFREG | 0666;
  return 0;
}

static int stick_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
                         struct fuse_file_info *file, enum fuse_readdir_flags flags) {
  (void)path, (void)offset, (void)file, (void)flags;
  fill(buffer, ".", NULL, 0, 0);
  fill(buffer, "..", NULL, 0, 0);
  fill(buffer, "stick.img", NULL, 0, 0);
  return 0;
}

static int stick_open(const char *path, struct fuse_file_info *file) {
  (void)file;
  return is_stick(path) ? 0 : -ENOENT;
}

static int stick_read(const char *path, char *buffer, size_t size, off_t offset, struct fuse_file_info *file) {
  (void)path, (void)file;
  if (is_gone()) return -ENODEV;
  ssize_t have = pread(image, buffer, size, offset);
  return have < 0 ? -errno : (int)have;
}

static int stick_write(const char *path, const char *buffer, size_t size, off_t offset, struct fuse_file_info *file) {
  (void)path, (void)file;
  if (is_gone()) return -ENODEV;
  writes++;
  size_t kept = size;
  if (lost_from != 0 && offset + (off_t)size > lost_from) kept = offset >= lost_from ? 0 : (size_t)(lost_from - offset);
  if (kept > 0 && pwrite(image, buffer, kept, offset) != (ssize_t)kept) return -EIO;
  return (int)size;
}

static int stick_fsync(const char *path, int data_only, struct fuse_file_info *file) {
  (void)path, (void)data_only, (void)file;
  return is_gone() ? -ENODEV : 0;
}

static const struct fuse_operations operations = {
    .init = stick_init,
    .getattr = stick_getattr,
    .readdir = stick_readdir,
    .open = stick_open,
    .read = stick_read,
    .write = stick_write,
    .fsync = stick_fsync,
};

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  image = open(argv[1], O_RDWR);
  if (image < 0) return 1;
  lost_from = atoll(argv[2]);
  gone_after = atol(argv[3]);
  /* Only root may let others in without being asked to. */
  char *arguments[] = {argv[0], "-s", argv[4], "-o", "allow_other", NULL};
  return fuse_main(geteuid() == 0 ? 5 : 3, arguments, &operations, NULL);
}

/*
 * A USB bus without hardware and without a kernel module: imitates what Linux shows for its bus 1, with devices that
 * USB/IP offers. Must run as root in a separate mount and network namespace, where /sys/bus/usb/devices is an empty
 * folder of a tmpfs:
 *
 *   usbfs /dev/bus/usb
 *
 * serves the device nodes as a FUSE file system (the ioctls of usbdevice_fs.h, and poll), writes the attributes below
 * /sys/bus/usb/devices, and announces plugging and unplugging as udev does. It takes one command per line and answers
 * each with one line, `ok` or `failed REASON`:
 *
 *   attach PORT TCP-PORT   plugs in the device that this port of 127.0.0.1 offers
 *   detach PORT            pulls it out
 *   deny PORT              forbids opening its node
 *
 * A device whose connection ends is unplugged. The end of standard input ends everything.
 */
#define FUSE_USE_VERSION 35
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse_lowlevel.h>
#include <linux/netlink.h>
#include <linux/usbdevice_fs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SYSFS "/sys/bus/usb/devices"
#define HEADER 48
#define MAXIMUM_TRANSFER (1 << 20)
enum { BUS_INODE = 2, NODE_INODE = 0x100 };
enum { CMD_SUBMIT = 1, CMD_UNLINK = 2, RET_SUBMIT = 3, RET_UNLINK = 4 };

struct device {
    struct device *next;
    char port[16];
    int number; /* 2 .. 127, as on a bus */
    int socket;
    int denied;
    uint8_t descriptors[1024];
    size_t descriptors_length;
    uint8_t received[HEADER + MAXIMUM_TRANSFER];
    size_t received_length;
};

struct urb {
    struct urb *next;
    uint32_t sequence; /* odd: IN, so that a reply to a forgotten one can still be read */
    uint64_t user;     /* the address of the program's usbdevfs_urb */
    struct usbdevfs_urb request;
    int skip; /* bytes of the setup packet before the data */
    int status;
    uint32_t actual;
    uint8_t *data;
};

struct file {
    struct file *next;
    struct device *device; /* null once it is unplugged */
    struct fuse_pollhandle *poll;
    struct urb *pending, *done;
    uint32_t claimed;
};

static struct device *devices;
static struct file *files;
static uint32_t last_sequence;
static int netlink_socket;

/* ---- USB/IP ---- */

static int send_all(int socket, const void *bytes, size_t length) {
    for (const char *at = bytes; length > 0;) {
        ssize_t sent = send(socket, at, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return -1;
        at += sent;
        length -= sent;
    }
    return 0;
}

static int receive_all(int socket, void *bytes, size_t length) {
    return recv(socket, bytes, length, MSG_WAITALL) == (ssize_t)length ? 0 : -1;
}

static void put32(uint8_t *at, uint32_t value) {
    value = htonl(value);
    memcpy(at, &value, 4);
}

static uint32_t get32(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, 4);
    return ntohl(value);
}

/* The data of an OUT submission follow it. A failure to send shows as the end of the connection. */
static uint32_t submit(struct device *d, int is_in, int endpoint, const uint8_t *setup, uint32_t length,
                       const void *data) {
    uint8_t header[HEADER] = {0};
    last_sequence += 2;
    uint32_t sequence = last_sequence | (is_in ? 1 : 0);
    put32(header, CMD_SUBMIT);
    put32(header + 4, sequence);
    put32(header + 8, 0x10002);
    put32(header + 12, is_in ? 1 : 0);
    put32(header + 16, endpoint);
    put32(header + 24, length);
    if (setup) memcpy(header + 40, setup, 8);
    send_all(d->socket, header, HEADER);
    if (!is_in) send_all(d->socket, data, length);
    return sequence;
}

static void unlink_urb(struct device *d, uint32_t sequence) {
    uint8_t header[HEADER] = {0};
    last_sequence += 2;
    put32(header, CMD_UNLINK);
    put32(header + 4, last_sequence);
    put32(header + 8, 0x10002);
    put32(header + 20, sequence);
    send_all(d->socket, header, HEADER);
}

/* GET_DESCRIPTOR, as the kernel does it before any program sees the device; -1 without a descriptor. */
static int get_descriptor(struct device *d, int type, int index, uint8_t *bytes, int room) {
    uint8_t setup[8] = {0x80, 6, index, type, type == 3 ? 9 : 0, type == 3 ? 4 : 0, room & 0xff, room >> 8};
    uint8_t header[HEADER];
    submit(d, 1, 0, setup, room, 0);
    if (receive_all(d->socket, header, HEADER)) return -1;
    int actual = get32(header + 24);
    if (get32(header + 20) != 0 || actual > room) return -1;
    return receive_all(d->socket, bytes, actual) ? -1 : actual;
}

static int import(struct device *d, int tcp_port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(tcp_port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    uint8_t request[40] = {0x01, 0x11, 0x80, 0x03}, reply[8], record[312];
    strcpy((char *)request + 8, "1-1");
    d->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int at_once = 1;
    setsockopt(d->socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    if (connect(d->socket, (void *)&to, sizeof to)) return -1;
    if (send_all(d->socket, request, sizeof request) || receive_all(d->socket, reply, sizeof reply)) return -1;
    if (get32(reply + 4) != 0 || receive_all(d->socket, record, sizeof record)) return -1;
    int length = get_descriptor(d, 1, 0, d->descriptors, 18);
    if (length != 18) return -1;
    int more = get_descriptor(d, 2, 0, d->descriptors + 18, sizeof d->descriptors - 18);
    if (more < 9) return -1;
    d->descriptors_length = 18 + more;
    return 0;
}

/* ---- sysfs and udev ---- */

static void attribute(const char *folder, const char *name, const char *format, ...) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file) return;
    va_list values;
    va_start(values, format);
    vfprintf(file, format, values);
    va_end(values);
    fputc('\n', file);
    fclose(file);
}

/* A string descriptor, if present, as an attribute; shows only its ASCII. */
static void string_attribute(struct device *d, const char *folder, const char *name, int index) {
    uint8_t bytes[255];
    char text[128];
    int length = index == 0 ? -1 : get_descriptor(d, 3, index, bytes, sizeof bytes);
    if (length < 2) return;
    int count = 0;
    for (int at = 2; at + 1 < length; at += 2) text[count++] = bytes[at];
    text[count] = 0;
    attribute(folder, name, "%s", text);
}

static void write_sysfs(struct device *d) {
    const uint8_t *device = d->descriptors, *configuration = device + 18, *end = device + d->descriptors_length;
    char folder[128];
    snprintf(folder, sizeof folder, SYSFS "/%s", d->port);
    mkdir(folder, 0755);
    attribute(folder, "busnum", "1");
    attribute(folder, "devnum", "%d", d->number);
    attribute(folder, "devpath", "%s", strchr(d->port, '-') + 1);
    attribute(folder, "version", " %x.%02x", device[3], device[2]);
    attribute(folder, "idVendor", "%02x%02x", device[9], device[8]);
    attribute(folder, "idProduct", "%02x%02x", device[11], device[10]);
    attribute(folder, "bcdDevice", "%02x%02x", device[13], device[12]);
    attribute(folder, "bDeviceClass", "%02x", device[4]);
    attribute(folder, "bDeviceSubClass", "%02x", device[5]);
    attribute(folder, "bDeviceProtocol", "%02x", device[6]);
    attribute(folder, "bConfigurationValue", "%d", configuration[5]);
    attribute(folder, "speed", "480");
    string_attribute(d, folder, "manufacturer", device[14]);
    string_attribute(d, folder, "product", device[15]);
    string_attribute(d, folder, "serial", device[16]);
    for (const uint8_t *at = configuration; at + 9 <= end && at[0] > 0; at += at[0]) {
        if (at[1] != 4 || at[3] != 0) continue;
        snprintf(folder, sizeof folder, SYSFS "/%s:%d.%d", d->port, configuration[5], at[2]);
        mkdir(folder, 0755);
        attribute(folder, "bInterfaceNumber", "%02x", at[2]);
        attribute(folder, "bAlternateSetting", "%2d", at[3]);
        attribute(folder, "bInterfaceClass", "%02x", at[5]);
        attribute(folder, "bInterfaceSubClass", "%02x", at[6]);
        attribute(folder, "bInterfaceProtocol", "%02x", at[7]);
    }
}

static void remove_sysfs(struct device *d) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf " SYSFS "/%s " SYSFS "/%s:*", d->port, d->port);
    if (system(command)) fprintf(stderr, "usbfs: %s failed\n", command);
}

/* MurmurHash2 with seed 0, which libudev uses to let the kernel filter its messages. */
static uint32_t murmur(const char *text) {
    const uint32_t factor = 0x5bd1e995;
    size_t length = strlen(text);
    const uint8_t *at = (const uint8_t *)text;
    uint32_t hash = length;
    for (; length >= 4; at += 4, length -= 4) {
        uint32_t word;
        memcpy(&word, at, 4);
        word *= factor;
        word ^= word >> 24;
        hash = hash * factor ^ word * factor;
    }
    if (length == 3) hash ^= at[2] << 16;
    if (length >= 2) hash ^= at[1] << 8;
    if (length >= 1) hash = (hash ^ at[0]) * factor;
    hash = (hash ^ hash >> 13) * factor;
    return hash ^ hash >> 15;
}

/* The message that udev sends to its listeners once its rules have run. */
static void tell_udev(const char *action, struct device *d) {
    static unsigned number;
    char text[512];
    int length = snprintf(text, sizeof text,
                          "ACTION=%s%cDEVPATH=/bus/usb/devices/%s%cSUBSYSTEM=usb%cDEVTYPE=usb_device%c"
                          "DEVNAME=/dev/bus/usb/001/%03d%cBUSNUM=001%cDEVNUM=%03d%cSEQNUM=%u%c",
                          action, 0, d->port, 0, 0, 0, d->number, 0, 0, d->number, 0, ++number, 0);
    struct {
        char prefix[8];
        uint32_t magic, header_size, offset, length, subsystem, type, bloom[2];
    } header = {"libudev", htonl(0xfeedcafe), 40, 40, length, htonl(murmur("usb")), htonl(murmur("usb_device")), {0}};
    struct sockaddr_nl listeners = {.nl_family = AF_NETLINK, .nl_groups = 2};
    struct iovec parts[] = {{&header, 40}, {text, length}};
    struct msghdr message = {.msg_name = &listeners, .msg_namelen = sizeof listeners, .msg_iov = parts, .msg_iovlen = 2};
    if (sendmsg(netlink_socket, &message, 0) < 0 && errno != ECONNREFUSED) perror("usbfs: netlink");
}

/* ---- transfers by programs ---- */

static int from_program(pid_t pid, uint64_t address, void *bytes, size_t length) {
    struct iovec here = {bytes, length}, there = {(void *)address, length};
    return length == 0 || process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)length ? 0 : -1;
}

static int to_program(pid_t pid, uint64_t address, void *bytes, size_t length) {
    struct iovec here = {bytes, length}, there = {(void *)address, length};
    return length == 0 || process_vm_writev(pid, &here, 1, &there, 1, 0) == (ssize_t)length ? 0 : -1;
}

static void wake(struct file *f) {
    if (!f->poll) return;
    fuse_lowlevel_notify_poll(f->poll);
    fuse_pollhandle_destroy(f->poll);
    f->poll = 0;
}

static void append(struct urb **list, struct urb *u) {
    while (*list) list = &(*list)->next;
    u->next = 0;
    *list = u;
}

static void complete(struct file *f, struct urb *u, int status, uint32_t actual, const uint8_t *data) {
    struct urb **at = &f->pending;
    while (*at != u) at = &(*at)->next;
    *at = u->next;
    u->status = status;
    u->actual = actual;
    if (data && actual > 0) {
        uint32_t room = u->request.buffer_length - u->skip;
        if (actual > room) {
            u->status = -EOVERFLOW;
            u->actual = room;
        }
        u->data = malloc(u->actual);
        memcpy(u->data, data, u->actual);
    }
    append(&f->done, u);
    wake(f);
}

static void release_urbs(struct urb *u) {
    while (u) {
        struct urb *next = u->next;
        free(u->data);
        free(u);
        u = next;
    }
}

/* ---- plugging and unplugging ---- */

static struct device *at_port(const char *port) {
    for (struct device *d = devices; d; d = d->next)
        if (strcmp(d->port, port) == 0) return d;
    return 0;
}

static struct device *of_inode(fuse_ino_t inode) {
    for (struct device *d = devices; d; d = d->next)
        if (NODE_INODE + (fuse_ino_t)d->number == inode) return d;
    return 0;
}

static const char *attach(const char *port, int tcp_port) {
    static int last_number = 1;
    if (at_port(port)) return "failed in use";
    struct device *d = calloc(1, sizeof *d);
    snprintf(d->port, sizeof d->port, "%s", port);
    if (import(d, tcp_port)) {
        close(d->socket);
        free(d);
        return "failed no device";
    }
    last_number = last_number < 127 ? last_number + 1 : 2;
    d->number = last_number;
    d->next = devices;
    devices = d;
    write_sysfs(d);
    tell_udev("add", d);
    return "ok";
}

static void detach(struct device *d) {
    struct device **at = &devices;
    while (*at != d) at = &(*at)->next;
    *at = d->next;
    remove_sysfs(d);
    for (struct file *f = files; f; f = f->next) {
        if (f->device != d) continue;
        f->device = 0;
        while (f->pending) complete(f, f->pending, -ESHUTDOWN, 0, 0);
        wake(f);
    }
    tell_udev("remove", d);
    close(d->socket);
    free(d);
}

static void on_reply(struct device *d, const uint8_t *reply, const uint8_t *data) {
    if (get32(reply) != RET_SUBMIT) return;
    uint32_t sequence = get32(reply + 4);
    for (struct file *f = files; f; f = f->next)
        for (struct urb *u = f->pending; u; u = u->next)
            if (f->device == d && u->sequence == sequence)
                return complete(f, u, (int)get32(reply + 20), get32(reply + 24), data);
}

/* Handles input from a device; -1 when the device has gone. */
static int on_device(struct device *d) {
    ssize_t length = recv(d->socket, d->received + d->received_length, sizeof d->received - d->received_length, 0);
    if (length <= 0) return -1;
    d->received_length += length;
    for (;;) {
        if (d->received_length < HEADER) return 0;
        int has_data = get32(d->received) == RET_SUBMIT && (get32(d->received + 4) & 1);
        size_t whole = HEADER + (has_data ? get32(d->received + 24) : 0);
        if (whole > sizeof d->received) return -1;
        if (d->received_length < whole) return 0;
        on_reply(d, d->received, has_data ? d->received + HEADER : 0);
        d->received_length -= whole;
        memmove(d->received, d->received + whole, d->received_length);
    }
}

static void on_command(char *line) {
    char port[16];
    int tcp_port;
    const char *answer = "failed no such command";
    if (sscanf(line, "attach %15s %d", port, &tcp_port) == 2) answer = attach(port, tcp_port);
    else if (sscanf(line, "detach %15s", port) == 1 || sscanf(line, "deny %15s", port) == 1) {
        struct device *d = at_port(port);
        if (d && line[2] == 't') detach(d);
        else if (d) d->denied = 1;
        answer = d ? "ok" : "failed no device";
    }
    printf("%s\n", answer);
    fflush(stdout);
}

/* ---- the file system ---- */

static void attributes(fuse_ino_t inode, struct stat *st) {
    memset(st, 0, sizeof *st);
    st->st_ino = inode;
    st->st_nlink = 1;
    st->st_mode = inode >= NODE_INODE ? S_IFREG | 0666 : S_IFDIR | 0755;
}

static int exists(fuse_ino_t inode) { return inode == FUSE_ROOT_ID || inode == BUS_INODE || of_inode(inode); }

static void on_lookup(fuse_req_t request, fuse_ino_t parent, const char *name) {
    struct fuse_entry_param entry = {0};
    entry.ino = parent == FUSE_ROOT_ID ? (atoi(name) == 1 ? BUS_INODE : 0) : NODE_INODE + atoi(name);
    attributes(entry.ino, &entry.attr);
    if (exists(entry.ino)) fuse_reply_entry(request, &entry);
    else fuse_reply_err(request, ENOENT);
}

static void on_getattr(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info) {
    struct stat st;
    attributes(inode, &st);
    if (exists(inode) || info) fuse_reply_attr(request, &st, 0);
    else fuse_reply_err(request, ENOENT);
}

static void on_open(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info) {
    struct device *d = of_inode(inode);
    if (!d || d->denied) {
        fuse_reply_err(request, d ? EACCES : ENODEV);
        return;
    }
    struct file *f = calloc(1, sizeof *f);
    f->device = d;
    f->next = files;
    files = f;
    info->fh = (uint64_t)f;
    info->direct_io = 1;
    fuse_reply_open(request, info);
}

static void on_read(fuse_req_t request, fuse_ino_t inode, size_t size, off_t offset, struct fuse_file_info *info) {
    struct device *d = ((struct file *)info->fh)->device;
    (void)inode;
    if (!d) {
        fuse_reply_err(request, ENODEV);
        return;
    }
    size_t from = (size_t)offset < d->descriptors_length ? (size_t)offset : d->descriptors_length;
    size_t left = d->descriptors_length - from;
    fuse_reply_buf(request, (char *)d->descriptors + from, left < size ? left : size);
}

static void on_poll(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info, struct fuse_pollhandle *handle) {
    struct file *f = (struct file *)info->fh;
    (void)inode;
    if (handle) {
        if (f->poll) fuse_pollhandle_destroy(f->poll);
        f->poll = handle;
    }
    fuse_reply_poll(request, (f->done ? POLLOUT | POLLWRNORM : 0) | (f->device ? 0 : POLLHUP | POLLERR));
}

static void on_release(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info) {
    struct file *f = (struct file *)info->fh, **at = &files;
    (void)inode;
    while (*at != f) at = &(*at)->next;
    *at = f->next;
    for (struct urb *u = f->pending; u && f->device; u = u->next) unlink_urb(f->device, u->sequence);
    release_urbs(f->pending);
    release_urbs(f->done);
    if (f->poll) fuse_pollhandle_destroy(f->poll);
    free(f);
    fuse_reply_err(request, 0);
}

static int submit_urb(struct file *f, pid_t pid, uint64_t user) {
    struct urb *u = calloc(1, sizeof *u);
    uint8_t *bytes = 0, *setup = 0;
    u->user = user;
    if (from_program(pid, user, &u->request, sizeof u->request)) goto fault;
    uint32_t length = u->request.buffer_length;
    if (length > MAXIMUM_TRANSFER) goto fault;
    bytes = malloc(length + 1);
    if (u->request.type == USBDEVFS_URB_TYPE_CONTROL) u->skip = 8;
    int is_in = u->request.endpoint & 0x80;
    if (u->skip) {
        if (length < 8 || from_program(pid, (uint64_t)u->request.buffer, bytes, 8)) goto fault;
        setup = bytes;
        is_in = setup[0] & 0x80;
    }
    if (!is_in && from_program(pid, (uint64_t)u->request.buffer, bytes, length)) goto fault;
    int endpoint = u->skip ? 0 : u->request.endpoint & 0x0f;
    append(&f->pending, u);
    u->sequence = submit(f->device, is_in, endpoint, setup, length - u->skip, bytes + u->skip);
    free(bytes);
    return 0;
fault:
    free(bytes);
    free(u);
    return EFAULT;
}

static int reap(struct file *f, pid_t pid, uint64_t user) {
    struct urb *u = f->done;
    if (!u) return f->device ? EAGAIN : ENODEV;
    f->done = u->next;
    if (u->data) to_program(pid, (uint64_t)u->request.buffer + u->skip, u->data, u->actual);
    to_program(pid, u->user + offsetof(struct usbdevfs_urb, status), &u->status, 4);
    to_program(pid, u->user + offsetof(struct usbdevfs_urb, actual_length), &u->actual, 4);
    to_program(pid, user, &u->user, sizeof u->user);
    u->next = 0;
    release_urbs(u);
    return 0;
}

static int discard(struct file *f, uint64_t user) {
    for (struct urb *u = f->pending; u; u = u->next) {
        if (u->user != user) continue;
        unlink_urb(f->device, u->sequence);
        complete(f, u, -ENOENT, 0, 0);
        return 0;
    }
    return EINVAL;
}

/* Busy when a program has claimed it, or a kernel driver, which sysfs shows. */
static int claim(struct file *f, uint32_t interface) {
    char path[128];
    snprintf(path, sizeof path, SYSFS "/%s:1.%u/driver", f->device->port, interface);
    if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0) return EBUSY;
    for (struct file *other = files; other; other = other->next)
        if (other != f && other->device == f->device && (other->claimed >> interface & 1)) return EBUSY;
    f->claimed |= 1u << interface;
    return 0;
}

static void clear_halt(struct file *f, uint32_t endpoint) {
    const uint8_t setup[8] = {0x02, 1, 0, 0, endpoint};
    submit(f->device, 0, 0, setup, 0, 0);
}

static int on_command_of_program(struct file *f, pid_t pid, unsigned command, uint64_t argument) {
    uint32_t value = 0;
    if (command == USBDEVFS_REAPURBNDELAY) return reap(f, pid, argument);
    if (!f->device) return ENODEV;
    switch (command) {
    case USBDEVFS_SUBMITURB: return submit_urb(f, pid, argument);
    case USBDEVFS_DISCARDURB: return discard(f, argument);
    case USBDEVFS_GET_CAPABILITIES:
        value = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
        return to_program(pid, argument, &value, 4) ? EFAULT : 0;
    }
    if (from_program(pid, argument, &value, 4)) return EFAULT;
    switch (command) {
    case USBDEVFS_CLAIMINTERFACE: return claim(f, value);
    case USBDEVFS_RELEASEINTERFACE: f->claimed &= ~(1u << value); return 0;
    case USBDEVFS_CLEAR_HALT: clear_halt(f, value); return 0;
    }
    fprintf(stderr, "usbfs: ioctl %08x is not known\n", command);
    return ENOTTY;
}

static void on_ioctl(fuse_req_t request, fuse_ino_t inode, unsigned command, void *argument,
                     struct fuse_file_info *info, unsigned flags, const void *in, size_t in_size, size_t out_size) {
    (void)inode, (void)flags, (void)in, (void)in_size, (void)out_size;
    pid_t pid = fuse_req_ctx(request)->pid;
    int fault = on_command_of_program((struct file *)info->fh, pid, command, (uint64_t)argument);
    if (fault) fuse_reply_err(request, fault);
    else fuse_reply_ioctl(request, 0, 0, 0);
}

static const struct fuse_lowlevel_ops operations = {
    .lookup = on_lookup,
    .getattr = on_getattr,
    .open = on_open,
    .read = on_read,
    .poll = on_poll,
    .release = on_release,
    .ioctl = on_ioctl,
};

/* Whether standard input is still open. */
static int on_input(void) {
    static char line[256];
    static size_t length;
    ssize_t count = read(0, line + length, sizeof line - 1 - length);
    if (count <= 0) return 0;
    line[length += count] = 0;
    for (char *end; (end = strchr(line, '\n'));) {
        *end = 0;
        on_command(line);
        length -= end + 1 - line;
        memmove(line, end + 1, length + 1);
    }
    return 1;
}

static void serve(struct fuse_session *session) {
    struct fuse_buf buffer = {0};
    while (!fuse_session_exited(session)) {
        struct pollfd ready[130] = {{fuse_session_fd(session), POLLIN, 0}, {0, POLLIN, 0}};
        struct device *of[130] = {0};
        int count = 2;
        for (struct device *d = devices; d; d = d->next, count++) {
            ready[count] = (struct pollfd){d->socket, POLLIN, 0};
            of[count] = d;
        }
        if (poll(ready, count, -1) < 0 && errno != EINTR) return;
        /* One at a time: handling one may end another. */
        for (int at = 2; at < count; at++) {
            if (!ready[at].revents) continue;
            if (on_device(of[at])) detach(of[at]);
            break;
        }
        if (ready[0].revents) {
            int received = fuse_session_receive_buf(session, &buffer);
            if (received <= 0 && received != -EINTR) return;
            if (received > 0) fuse_session_process_buf(session, &buffer);
        }
        if (ready[1].revents && !on_input()) return;
    }
}

int main(int count, char **arguments) {
    if (count != 2) return 2;
    char *options[] = {"usbfs", "-o", "allow_other,fsname=usbfs"};
    struct fuse_args args = FUSE_ARGS_INIT(3, options);
    netlink_socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
    struct fuse_session *session = fuse_session_new(&args, &operations, sizeof operations, 0);
    if (!session || fuse_session_mount(session, arguments[1])) return 1;
    printf("ok\n");
    fflush(stdout);
    serve(session);
    while (devices) detach(devices);
    fuse_session_unmount(session);
    fuse_session_destroy(session);
    return 0;
}

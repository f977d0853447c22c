/* A file of the server into the downloads of whoever looks. */
/* The page holds no address with a token in it: the file comes by hand. */
export async function save(api, path, name) {
    const url = URL.createObjectURL(await api.file(path));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
}

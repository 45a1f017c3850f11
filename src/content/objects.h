/* content/objects.h - objects inside documents: classes that have been used to attack, and files that hide in them. objects.c */
#pragma once
#include "content/ole.h"

/* Signs when the class (16 bytes as they stand) is one that attacks use. `rich`: the document is RTF, where even old ones are suspect. */
void ms_object_class_look(const struct ms_file *f, struct ms_bytes class, bool rich);
/* Any of those classes, anywhere in the bytes. */
void ms_object_classes_look(const struct ms_file *f, struct ms_bytes bytes);
/* An embedded file as the Packager writes it (stream "\1Ole10Native"): label, path, data. */
void ms_package_look(const struct ms_file *f, struct ms_bytes native);
/* An object as RTF has it (MS-OLEDS 2.2): class name, data. */
void ms_old_object_look(const struct ms_file *f, struct ms_bytes object);
/* URL and file monikers in a stream: links that are followed when the document opens. */
void ms_monikers_look(const struct ms_file *f, struct ms_bytes stream);

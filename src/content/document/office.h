/* content/document/office.h - what readers of Office documents share: old workbooks, fields, objects, macros. */
#pragma once
#include "content/document/ole.h"

void ms_biff_look(const struct ms_file *f, struct ms_bytes stream); /* stream "Workbook" */
void ms_outlook_look(struct ms_ole *o);                             /* attachments of .msg files */
/* Instructions of fields ("DDEAUTO c:\\..."), wherever documents have them. */
void ms_field_look(const struct ms_file *f, struct ms_bytes instruction);

/* What people read: in the elements "t" of Office Open XML; in all of content.xml of OpenDocument. */
void ms_office_text_look(const struct ms_file *f, struct ms_bytes xml);
void ms_open_text_look(const struct ms_file *f, struct ms_bytes xml);

/* ---- objects.c: classes that have been used to attack, and files that hide in objects ------------------------- */

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

/* ---- macros: their source out of a compound file, and what they do -------------------------------------------- */

/* MS-OVBA 2.4.1: a container of chunks, at most `most` bytes into *out. False when it is none. */
bool ms_vba_unpack(struct ms_bytes packed, size_t most, struct ms_buffer *out);
/* Macros in the file: signs. */
void ms_vba_look(struct ms_ole *o);
void ms_macro_look(const struct ms_file *f, struct ms_bytes source); /* macro.c: what source does */

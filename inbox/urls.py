from django.urls import path

from inbox.views import (
    actions,
    bulk,
    choosing,
    customers,
    desk,
    drafts,
    files,
    first_run,
    messages,
    saved_views,
    search,
    timeline,
)

app_name = "inbox"

urlpatterns = [
    path("", desk.home, name="home"),
    path("setup/", first_run.first_run, name="first-run"),
    # Lists
    path("queues/", desk.queues, name="queues"),
    path("queues/<slug:key>/", desk.queue, name="queue"),
    path("queues/<slug:key>/rows/", desk.conversation_list, name="conversation-list"),
    path("queues/<slug:key>/filter/", saved_views.filter_menu, name="filter-menu"),
    path("queues/<slug:key>/save/", saved_views.save, name="save-view"),
    path("views/<int:pk>/remove/", saved_views.remove, name="remove-view"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("search/", search.search_page, name="search"),
    # One conversation
    path("conversations/<int:pk>/", desk.conversation, name="conversation"),
    path("conversations/<int:pk>/timeline/", timeline.timeline, name="timeline"),
    path(
        "conversations/<int:pk>/earlier/",
        timeline.earlier_items,
        name="earlier-items",
    ),
    path("conversations/<int:pk>/topics/", timeline.topics, name="topics"),
    path("conversations/<int:pk>/unfolded/", timeline.topic, name="topic"),
    # Writing
    path("conversations/<int:pk>/reply/", messages.reply, name="reply"),
    path("conversations/<int:pk>/draft/", drafts.draft, name="draft"),
    path("conversations/<int:pk>/uploads/", drafts.upload, name="upload"),
    path("conversations/<int:pk>/mentions/", drafts.mentions, name="mentions"),
    path("uploads/<uuid:public_id>/", drafts.upload_file, name="upload-file"),
    # What is done with it
    path("conversations/<int:pk>/assign/", actions.assign, name="assign"),
    path("conversations/<int:pk>/assignees/", choosing.assignees, name="assignees"),
    path("conversations/<int:pk>/tag-choices/", choosing.tags, name="tag-choices"),
    path("conversations/<int:pk>/snooze/", actions.snooze, name="snooze"),
    path("conversations/<int:pk>/close/", actions.close, name="close"),
    path("conversations/<int:pk>/reopen/", actions.reopen, name="reopen"),
    path("conversations/<int:pk>/spam/", actions.spam, name="spam"),
    path("conversations/<int:pk>/priority/", actions.priority, name="priority"),
    path("conversations/<int:pk>/tags/", actions.tags, name="tags"),
    path("conversations/<int:pk>/rename/", actions.rename, name="rename"),
    path("conversations/<int:pk>/unread/", actions.unread, name="unread"),
    # One message
    path("items/<int:pk>/undo/", messages.undo_send, name="undo-send"),
    path("items/<int:pk>/retry/", messages.retry, name="retry"),
    path("items/<int:pk>/let-in/", messages.let_stranger_in, name="let-in"),
    path("items/<int:pk>/images/", actions.show_images, name="show-images"),
    path("items/<int:pk>/html/", timeline.item_html, name="item-html"),
    path("items/<int:pk>/quoted/", timeline.item_quoted, name="item-quoted"),
    path("items/<int:pk>/signature/", timeline.item_signature, name="item-signature"),
    # Files
    path("files/<uuid:public_id>/", files.file, name="file"),
    path("files/<uuid:public_id>/shown/", files.image, name="image"),
    path("files/<uuid:public_id>/played/", files.sound, name="sound"),
    # What customers' pages show of conversations
    path("people/<int:pk>/topics/", customers.topics_card, name="customer-topics"),
    path(
        "people/<int:pk>/timeline/",
        customers.customer_timeline,
        name="customer-timeline",
    ),
]
